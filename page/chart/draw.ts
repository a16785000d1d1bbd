/** @file What draws charts, in one module that is loaded when the first chart is shown. */

export { type Chart, chartOption } from '../../src/report/chart.js';
export { colors, renderChart } from '../../src/report/svg.js';
export { xyOption } from './xy.js';
