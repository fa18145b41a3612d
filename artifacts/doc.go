// Package artifacts is the store of everything that Spurion computes: an action key leads to a
// manifest, a manifest to blobs, each named by the SHA-256 of its bytes (after the caches of Go and
// Bazel). It is crash-safe, verifies what it reads, and may be shared by any number of processes.
//
//	DIR/format                    "spurion store 1"; written last by Open, so that it means "whole"
//	DIR/README, DIR/CACHEDIR.TAG  for people, and for backup programs
//	DIR/manifests/xx/KEY          what an action wrote; xx is the first byte of the name
//	DIR/blobs/xx/DIGEST           the bytes
//	DIR/runs/ID.run               the header of a run record; append-only
//	DIR/runs/ID.jsonl             its event log
//	DIR/entries/DIGEST            its instances, shared by the runs that had the same ones
//	DIR/locks/                    kernel locks; their files mean nothing without a living owner
//	DIR/logs/xx/KEY-ID.N          what the program of an action printed: see log.go
//	DIR/temp/                     files being written
//	DIR/damaged/                  what failed verification, set aside for people to look at
//
// # Why it survives a crash
//
// A file gets its final name only after its content was synced, so a name never shows torn content.
// Publish syncs the folders of the blobs before the manifest is renamed into place, and the
// manifest's folder before it returns; so an acknowledged manifest is durable together with its
// blobs, and an unacknowledged one is absent or whole. Nothing relies on that order alone: a manifest
// carries a checksum and the text that its key hashes, a blob is verified against its name, and what
// fails is set aside and reported as a miss, to be computed again.
//
// # Why processes may share it
//
// Files are never changed in place (but for a note in a locked one) and readers take no lock. Exclusion (one process
// computes a key; removal waits for no reader and surprises no writer) uses kernel locks, which die with their
// process: see Lock, and session.go for what GC may take. Where locks do not reach other hosts two may compute
// the same thing; nothing is lost, and of two results that differ the first is kept.
package artifacts
