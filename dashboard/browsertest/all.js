// All tests, one after the other: two browsers at a time are too much for a small
// machine, and the stories change what the sample holds.
import "./modules.test.js";
import "./pages.test.js";
import "./replay.test.js";
import "./stories.test.js";
