// Package storage says what a storage engine must do: keep results once each,
// give them back in the order of time, and keep rollups of them from which any
// mean, maximum or percentile over any window is a merge. The engines are in
// packages below it; storagetest holds the conformance suite that each passes.
package storage
