// What the gateway says in a sentence of its own is English in every language
// of the pages, and a screen reader is told so.
import { html } from "../view.js";

export const English = ({ children }) => html`<span lang="en">${children}</span>`;
