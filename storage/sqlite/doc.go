// Package sqlite keeps series, incidents and alerts in one SQLite file.
//
// A batch is one transaction, synced to the disk before Record returns. Raw
// results are in it at once. Rollups are written for many batches together: the
// results that are not in a stored rollup yet are kept in memory too, at most
// [maxPending] of them, and every reading of rollups merges them in. The
// watermark, kept beside the rollups, says up to which time those are complete,
// so that after a kill the rest is read again from the raw results, and rollups
// always agree with them. A result that comes late, before the watermark, is
// merged into its rollups in its own batch.
//
// One connection writes, a few read. Another process may write to the same
// file: it is noticed at the next batch, and what is in memory is read again.
package sqlite
