package probes

import (
	"os/exec"
	"syscall"
	"time"
)

// group makes the process the first of a group of its own, which ends with us.
// The thread that starts it must last as long as it does.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup ends the process and all that it started. The number stays theirs
// for as long as one of them is left.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// reapGroup waits until a killed group is gone. Those of it that have become
// our children, as they do where we are the first process of a container, are
// ours to wait for; the first process of the system does it for the others,
// unless it is one that never does.
func reapGroup(cmd *exec.Cmd) {
	for {
		if _, err := syscall.Wait4(-cmd.Process.Pid, nil, 0, nil); err != nil && err != syscall.EINTR {
			break
		}
	}
	for range 50 {
		if syscall.Kill(-cmd.Process.Pid, 0) != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
