// Every kernel of the WASM backend: the exports of these files, named as in the catalogue, are the exports of the binaries.
export * from './fill';
export * from './elementwise_unary';

/** First byte that the host may use: static tables lie below. */
export function heap_base(): usize {
  return __heap_base;
}
