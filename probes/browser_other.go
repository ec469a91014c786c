//go:build !linux

package probes

import "os/exec"

func group(*exec.Cmd) {}

// killGroup ends the browser; its helpers end when they lose it.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func reapGroup(*exec.Cmd) {}
