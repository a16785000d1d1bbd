/** @file A labelled place for an input, and the inputs of text, of whole numbers and of yes or no. */

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  /** The input's id; its hint has `-hint` after it, its complaint `-error`. */
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly hideLabel?: boolean;
  readonly children: ComponentChildren;
}

export function Field({ id, label, hint, error, hideLabel, children }: FieldProps) {
  return (
    <div class="field">
      <label class={hideLabel ? 'unseen' : 'field-label'} for={id}>
        {label}
      </label>
      {children}
      {error ? (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: string | undefined;
  /** What is wrong with the value; the field is then marked invalid. */
  readonly error?: string | undefined;
  readonly disabled?: boolean;
  /** Which keyboard a phone shows. */
  readonly inputMode?: 'text' | 'numeric' | 'decimal';
  /** More than one line. */
  readonly rows?: number;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onInput, hint, error, disabled, inputMode = 'text', rows } = props;
  const id = useId();
  const shared = {
    id,
    class: 'input',
    value,
    disabled,
    inputMode,
    autocomplete: 'off',
    spellcheck: false,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error ? `${id}-error` : hint ? `${id}-hint` : undefined,
  } as const;
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      {rows === undefined ? (
        <input {...shared} type="text" onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <textarea {...shared} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
      )}
    </Field>
  );
}

export interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hint?: string | undefined;
  readonly disabled?: boolean;
}

export function Checkbox({ label, checked, onChange, hint, disabled }: CheckboxProps) {
  const id = useId();
  return (
    <div class="checkbox">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
