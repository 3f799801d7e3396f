// The version of this package, as in package.json (a test compares them): recorded in every manifest and benchmark file.
export const VERSION = '0.1.0';
