// The way views are written: html`...` makes Preact elements, and texts in it
// are always text.
import { h, Fragment } from "./library/preact.js";
import htm from "./library/htm.js";

export { render, Fragment } from "./library/preact.js";
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useId } from "./library/hooks.js";

export const html = htm.bind(h);

// Group is elements without one around them.
export const Group = ({ children }) => h(Fragment, null, children);
