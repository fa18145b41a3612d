// Package remote is a store behind the local one: objects with names, in a folder, a bucket or on a web server, which hold
// results for others to take. The local store is its cache.
//
//	format                "spurion remote 1"; the first object to be written
//	results/xx/KEY        a result: a pack of one if its outputs have 64 kB or less together, else its manifest alone
//	blobs/xx/DIGEST       an output of a larger result
//
// xx is the first byte of the name that follows. All objects are written once and never changed, each can be found by its name
// alone, and every byte is verified by the one who reads it: so a folder of static files will do, and nobody needs to be trusted to
// have written whole files. docs/remote.md says how this is used, and what the requests are.
//
// # Order, and races
//
// Blobs are put first, then the object of the result, which is put only if there is none: so a result that can be seen is whole,
// and of two that differ the first is kept. A store that does not refuse the second of two such puts is not written to: Open
// tries it on format.
//
// A blob that is older than a week is put again when a new result needs it, and GC takes blobs only when they are older by that
// than the results that it takes: so it needs to read no result, and what is being pushed beside it stays whole.
//
// # Two programs
//
// The program spurion reads folders itself. For buckets and web servers it starts spurion-s3 (see Start), since the libraries for
// these double the time of a first build, and asks it over its standard input and output; Serve is the other end.
package remote
