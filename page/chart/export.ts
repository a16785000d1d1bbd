/** @file A chart on the page as a file: SVG that stands alone, or PNG. */

/** Pixels of a PNG to one of the page: sharp in print and on fine screens. */
const pngScale = 2;

/** The chart with the colours it has on the page, on the page's ground. */
export function standaloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const probe = document.createElement('span');
  document.body.append(probe);
  const resolved = (colour: string) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  for (const element of [copy, ...copy.querySelectorAll('*')])
    for (const attribute of ['fill', 'stroke']) {
      const value = element.getAttribute(attribute);
      if (value?.startsWith('var(')) element.setAttribute(attribute, resolved(value));
    }
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({
    width: '100%',
    height: '100%',
    fill: resolved('var(--surface)'),
  }))
    ground.setAttribute(name, value);
  copy.prepend(ground);
  probe.remove();
  return new XMLSerializer().serializeToString(copy);
}

/**
 * The chart as a PNG of twice its size.
 * @throws Error if the browser cannot draw it
 */
export async function pngOf(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = svg.viewBox.baseVal;
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standaloneSvg(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * pngScale;
  canvas.height = height * pngScale;
  const context = canvas.getContext('2d');
  context?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser made no PNG'))));
  });
}
