// Files that the build puts into the page as text.
declare module '*.yaml' {
  const text: string;
  export default text;
}
