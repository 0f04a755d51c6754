/**
 * What the parser makes of tokens: the nodes of a text, in its order.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlh.go#L265
 */
import type {Mark} from './mark.ts';

/** One event, and where it begins. */
export type Event = MarkerEvent | AliasEvent | ScalarEvent | CollectionEvent;

/** A beginning or an end that has nothing more to say. */
export interface MarkerEvent {
  readonly kind: 'stream-start' | 'stream-end' | 'document-start' | 'document-end' | 'sequence-end' | 'mapping-end';
  readonly start: Mark;
}

/** `*anchor` */
export interface AliasEvent {
  readonly kind: 'alias';
  readonly start: Mark;
  readonly anchor: string;
}

/** A scalar, or a node that is empty. */
export interface ScalarEvent {
  readonly kind: 'scalar';
  readonly start: Mark;
  readonly anchor: string | undefined;
  /** With its handle replaced; empty when there is none. */
  readonly tag: string;
  readonly value: string;
  /** Plain and without a tag, or with the tag `!`. */
  readonly isImplicit: boolean;
}

/** The beginning of a collection; its tag means nothing to go-yaml here. */
export interface CollectionEvent {
  readonly kind: 'sequence-start' | 'mapping-start';
  readonly start: Mark;
  readonly anchor: string | undefined;
}
