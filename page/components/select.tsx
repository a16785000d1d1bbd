/** @file A choice of one among a few. */

import { useId } from 'preact/hooks';
import { Field } from './field.js';

export interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: string; readonly disabled?: boolean }[];
  readonly onChange: (value: T) => void;
  /** What it does, in a sentence below. */
  readonly hint?: string | undefined;
  /** Leaves the label to screen readers. */
  readonly hideLabel?: boolean;
  readonly disabled?: boolean;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, value, options, onChange, hint, hideLabel, disabled } = props;
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint} hideLabel={hideLabel ?? false}>
      <select
        id={id}
        class="input select"
        value={value}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.currentTarget.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.text}
          </option>
        ))}
      </select>
    </Field>
  );
}
