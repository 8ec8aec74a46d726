// Package strictjson reads JSON documents as bytes: it checks them once, finds values in them, compares them
// and quotes strings, without ever building a tree of maps.
//
// The gateway decides on a document that somebody else will parse again. Two parsers agree on a document only
// when it has one meaning, so [Check] refuses everything on which parsers are known to differ: duplicate member
// names, text that is not UTF-8, half surrogate pairs, byte order marks, bytes after the value (RFC 8259
// sections 4, 8.1, 8.2 and RFC 7493, I-JSON). All other functions expect bytes that have passed Check; on bytes that
// have not they give a meaningless answer, but they neither panic nor read beyond the slice.
//
// Returned slices are parts of the input: copy them before the input is changed or reused.
package strictjson

// DefaultMaxDepth is the number of nested containers that a document may have when nothing else is configured. The
// limit stops documents that exhaust the stack of a recursive parser behind the gateway.
const DefaultMaxDepth = 128
