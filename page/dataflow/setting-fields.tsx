/** @file Fields for settings: whole numbers that are checked as they are typed, and choices among names. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { TextField } from '../components/field.js';
import { Select } from '../components/select.js';

export interface WholeFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
  readonly hint?: string;
  /** Why a number in range does not fit either. */
  readonly refuse?: (value: number) => string | undefined;
}

/** What is typed is taken over once it is a number that fits; until then the field says what is wrong. */
export function WholeField({ label, value, least, most, onChange, hint, refuse }: WholeFieldProps) {
  const draft = useSignal(String(value));
  useEffect(() => {
    if (Number(draft.value) !== value) draft.value = String(value);
  }, [value, draft]);
  const problemOf = (text: string) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      return `A whole number from ${least} to ${most}.`;
    return refuse?.(number);
  };
  const input = (text: string) => {
    draft.value = text.trim();
    if (problemOf(draft.value) === undefined) onChange(Number(draft.value));
  };
  return (
    <TextField
      label={label}
      value={draft.value}
      onInput={input}
      inputMode="numeric"
      hint={hint}
      error={problemOf(draft.value)}
    />
  );
}

export interface ChoiceFieldProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly names: readonly T[];
  readonly onChange: (value: T) => void;
  readonly hint?: string;
  /** What a name is shown as. Default itself. */
  readonly textOf?: (name: T) => string;
  /** Why a name does not fit the other settings. */
  readonly refuse?: (name: T) => string | undefined;
}

export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const { label, value, names, onChange, hint, textOf = (name: T) => name, refuse } = props;
  return (
    <Select
      label={label}
      value={value}
      options={names.map((name) => ({
        value: name,
        text: textOf(name),
        disabled: name !== value && refuse?.(name) !== undefined,
      }))}
      onChange={onChange}
      hint={hint}
    />
  );
}
