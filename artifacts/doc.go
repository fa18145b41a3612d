// Package artifacts is the store of everything that Spurion computes: an action key leads to a
// manifest, a manifest to blobs, each named by the SHA-256 of its bytes (after the caches of Go and
// Bazel). It is crash-safe, verifies what it reads, and may be shared by any number of processes.
//
//	DIR/format                    "spurion store 1"; written last by Open, so that it means "whole"
//	DIR/README, DIR/CACHEDIR.TAG  for people, and for backup programs
//	DIR/manifests/xx/KEY          what an action wrote; xx is the first byte of the name
//	DIR/blobs/xx/DIGEST           the bytes
//	DIR/packs/TIME-RANDOM.pack    manifests and blobs of small results that were saved at the same time: see pack.go
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
// # How many results share a sync
//
// A disk takes milliseconds to make anything durable, and little longer to do it for a hundred results. So whoever
// saves a result while others are on their way waits for these, and then goes with all who came meanwhile (group
// commit); nobody waits for company. A group of small results becomes one file, a pack, which is synced and then named
// as any other file, so its results are acknowledged together: two syncs for all of them. A pack is never changed. What
// removes a part of it (GC, Evict, damage) writes the rest as another pack first, so that a crash in between leaves
// things twice, and loses nothing; of two entries of one key that in the pack with the earlier name counts, then
// that in a file of its own. Small packs are merged in the same way.
//
// # Why processes may share it
//
// Files are never changed in place (but for a note in a locked one) and readers take no lock. Exclusion (one process
// computes a key; removal waits for no reader and surprises no writer) uses kernel locks, which die with their
// process: see Lock, and session.go for what GC may take. Where locks do not reach other hosts two may compute
// the same thing; nothing is lost, and of two results that differ the first is kept.
package artifacts
