// Observatoire measures public APIs and démarches from outside and says, in
// public, how each compares with the service level recommended for it.
//
// Run "observatoire help" for the commands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // zones of the configuration, also where the system has none

	"github.com/mattn/go-isatty"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // the command could not do its work, or found faults, or the service down
	exitUsage   = 2 // the command line is wrong
	exitUnknown = 3 // probe: nothing can be said of the service
)

// exit is an error that ends the program with a code of its own. What there
// was to say has been said already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// console is where a command reads its arguments and writes.
type console struct {
	out, err io.Writer
	colour   bool // of out
}

// command is one of the program's commands.
type command struct {
	name  string
	args  string // of the usage line
	short string
	long  string // what a reader of "help NAME" learns beside the flags
	run   func(ctx context.Context, c console, f *flag.FlagSet, args []string) error
}

// commands returns the commands in the order of the help.
func commands() []command {
	return []command{
		{"serve", "", "run the observatory", serveHelp, serve},
		{"demo", "", "run it on simulated services, without a network", demoHelp, runDemo},
		{"check", "", "read a configuration and list all its faults", checkHelp, check},
		{"probe", "NAME", "run one probe now and show each phase", probeHelp, probe},
		{"hosts", "[off|on HOST]", "switch probes of a host off and on, without a restart", hostsHelp, hosts},
		{"kinds", "[NAME]", "list every kind of probe, assertion, channel and engine", kindsHelp, kinds},
		{"version", "", "print the version", "", printVersion},
	}
}

// gcPercent makes the collector run when the heap has grown by a quarter: most of it
// is what is known of the services, and the program allocates little between.
const gcPercent = 25

// tune sets up what the whole process shares: the collector, as far as the
// environment does not, and the standard log. net/http's client has no other
// place for what it finds odd in an answer, so that a hostile server could fill
// our log with lines of its choosing.
func tune() {
	log.SetOutput(io.Discard)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

func main() {
	tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	colour := isatty.IsTerminal(os.Stdout.Fd()) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	os.Exit(run(ctx, console{out: os.Stdout, err: os.Stderr, colour: colour}, os.Args[1:]))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, c console, args []string) int {
	if len(args) == 0 {
		usage(c.err)
		return exitUsage
	}
	name, args := strings.TrimLeft(args[0], "-"), args[1:]
	if name == "help" || name == "h" {
		return help(c, args)
	}
	i := slices.IndexFunc(commands(), func(cmd command) bool { return cmd.name == name })
	if i < 0 {
		fmt.Fprintf(c.err, "observatoire: unknown command %q; run \"observatoire help\"\n", name)
		return exitUsage
	}
	cmd := commands()[i]
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(c.err)
	f.Usage = func() { describe(c.err, cmd, f) }
	var code exit
	switch err := cmd.run(ctx, c, f, args); {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &code):
		return int(code)
	default:
		fmt.Fprintf(c.err, "observatoire: %s: %v\n", name, err)
		return exitFailure
	}
}

// parse reads a command's flags and its positional arguments, of which there
// are at most so many. Flags may follow the arguments.
func parse(f *flag.FlagSet, args []string, most int) ([]string, error) {
	var positional []string
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, exit(exitUsage) // the flag package has said why
		}
		if args = f.Args(); len(args) == 0 {
			break
		}
		positional = append(positional, args[0])
		args = args[1:]
	}
	if len(positional) > most {
		fmt.Fprintf(f.Output(), "unexpected argument %q\n", positional[most])
		f.Usage()
		return nil, exit(exitUsage)
	}
	return positional, nil
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Observatoire measures public APIs and démarches, and says how each compares with\nthe service level recommended for it.\n\nUsage: observatoire COMMAND [flags]\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-19s %s\n", strings.TrimSpace(cmd.name+" "+cmd.args), cmd.short)
	}
	fmt.Fprint(w, "\nRun \"observatoire help COMMAND\" for its flags.\nExit codes: 0 done; 1 failed, or faults found, or service down; 2 wrong command line; 3 probe: unknown.\n")
}

func help(c console, args []string) int {
	if len(args) == 0 {
		usage(c.out)
		return exitOK
	}
	for _, cmd := range commands() {
		if cmd.name == args[0] {
			f := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
			f.SetOutput(c.out)
			f.Usage = func() { describe(c.out, cmd, f) }
			cmd.run(context.Background(), c, f, []string{"-help"}) // prints the usage and does nothing else
			return exitOK
		}
	}
	fmt.Fprintf(c.err, "observatoire: unknown command %q; run \"observatoire help\"\n", args[0])
	return exitUsage
}

func describe(w io.Writer, cmd command, f *flag.FlagSet) {
	fmt.Fprintf(w, "Usage: observatoire %s [flags]\n\n%s.\n", strings.TrimSpace(cmd.name+" "+cmd.args), strings.ToUpper(cmd.short[:1])+cmd.short[1:])
	if cmd.long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(cmd.long))
	}
	flags := false
	f.VisitAll(func(*flag.Flag) { flags = true })
	if flags {
		fmt.Fprint(w, "\nFlags:\n")
		f.PrintDefaults()
	}
}
