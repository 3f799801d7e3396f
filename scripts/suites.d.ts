// The test files that scripts/test-chromium.ts bundles for browsers: each loads, and so registers its suites, when it is called.
declare module 'virtual:suites' {
  const suites: Readonly<Record<string, () => Promise<unknown>>>;
  export default suites;
}
