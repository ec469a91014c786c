package scheduler

// Jittered is for tests that want the exact time of a re-check.
var Jittered = jittered
