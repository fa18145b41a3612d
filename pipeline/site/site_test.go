package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/pipeline/cluster"
	"spurion/pipeline/site"
)

const good = `executor "slurm" "cluster" {
  account   = "lab"
  partition = "cpu"
  options   = ["--constraint=avx2"]
  setup     = ["module load python/3.12"]
  running   = 200
  limit     = "2h"
  batch {
    target = "10m"
    least  = "30s"
    most   = 500
  }
}

executor "array" "pbs" {
  submit     = "qsub -J {first}-{last} {script}"
  status     = "qstat {name}"
  cancel     = "qdel {name}"
  states     = { Q = "pending", R = "running" }
  index      = "PBS_ARRAY_INDEX"
  first      = 1
  array_size = 1000
  lost_after = "5s"
}
`

func TestParse(t *testing.T) {
	f, err := site.Parse([]byte(good), "x.hcl")
	if err != nil || len(f.Executors) != 2 {
		t.Fatalf("%v, %v", f, err)
	}
	slurm, array := &f.Executors[0], &f.Executors[1]
	times, err := slurm.Times()
	if err != nil || times != (site.Times{Limit: 2 * time.Hour, Target: 10 * time.Minute, Least: 30 * time.Second}) {
		t.Errorf("the times are %v, %v", times, err)
	}
	if s, ok := slurm.Cluster(cluster.Script{}, "").(*cluster.Slurm); !ok || s.Account != "lab" || s.Partition != "cpu" || len(s.Options) != 1 {
		t.Errorf("Slurm is %+v", s)
	}
	l, ok := array.Cluster(cluster.Script{}, "folder").(*cluster.Launcher)
	if !ok || l.First != 1 || l.Index != "PBS_ARRAY_INDEX" || l.Lost != 5*time.Second || l.States["Q"] != "pending" || l.Folder != "folder" || l.Where != "x.hcl:15" {
		t.Errorf("the launcher is %+v", l)
	}
	if limits, err := l.Limits(t.Context()); err != nil || limits.ArraySize != 1000 {
		t.Errorf("its limits are %v, %v", limits, err)
	}
}

// TestMistakes: each is told with its place and what to do.
func TestMistakes(t *testing.T) {
	launcher := func(lines string) string {
		return "executor \"array\" \"a\" {\n  submit = \"x\"\n  index = \"I\"\n  status = \"x\"\n" + lines + "\n}\n"
	}
	slurm := func(line string) string { return "executor \"slurm\" \"a\" {\n" + line + "\n}\n" }
	for name, c := range map[string]struct{ text, place, says string }{
		"no HCL":             {"executor {", "x.hcl:1:", ""},
		"an attribute":       {slurm("  acount = \"x\""), "x.hcl:2:3", "account"},
		"a block":            {slurm("  batches {}"), "x.hcl:2:3", "batch"},
		"in batch":           {slurm("  batch { size = 1 }"), "x.hcl:2:11", "target"},
		"in the file":        {"executors \"slurm\" \"a\" {}", "x.hcl:1:1", "may have executor"},
		"outside":            {"running = 1", "x.hcl:1:1", "may have executor"},
		"one label":          {"executor \"slurm\" {}", "x.hcl:1:", "name"},
		"a type":             {"\nexecutor \"pbs\" \"a\" {}", "x.hcl:2:10", `write "slurm" or "array"`},
		"one name":           {slurm("") + slurm(""), "x.hcl:4:18", "line 1 already: give one of them another name"},
		"no number":          {slurm("  running = \"many\""), "x.hcl:2:14", "a number is required"},
		"a part":             {slurm("  running = 1.5"), "x.hcl:2:13", "whole number"},
		"negative":           {slurm("  running = -1"), "x.hcl:2:3", "write a number from 1"},
		"negative most":      {slurm("  batch {\n    most = -1\n  }"), "x.hcl:3:5", "write a number from 1"},
		"a variable":         {slurm("  account = var.account"), "x.hcl:2:13", "account is no plain value"},
		"a function":         {slurm("  account = upper(\"x\")"), "x.hcl:2:13", "functions are not known here"},
		"a list":             {slurm("  options = \"x\""), "x.hcl:2:14", "list of string"},
		"a duration":         {slurm("  limit = \"2 hours\""), "x.hcl:2:3", `such as "30s" or "2h"`},
		"no time":            {slurm("  poll = \"0s\""), "x.hcl:2:3", `such as "30s" or "2h"`},
		"a target":           {slurm("  batch { target = \"long\" }"), "x.hcl:2:11", `such as "30s" or "2h"`},
		"Slurm's submit":     {slurm("  submit = \"sbatch\""), "x.hcl:2:3", `type "array"`},
		"a driver":           {slurm("  driver = \"there\""), "x.hcl:2:3", `write "here" for`},
		"a launcher's":       {launcher("  driver = \"job\""), "x.hcl:5:3", "leave it out"},
		"Slurm's first":      {slurm("  first = 0"), "x.hcl:2:3", `type "array"`},
		"no submit":          {"executor \"array\" \"a\" {\n  index = \"I\"\n}", "x.hcl:1:1", "needs submit"},
		"no index":           {"executor \"array\" \"a\" {\n  submit = \"x\"\n}", "x.hcl:1:1", "needs index"},
		"an index":           {"executor \"array\" \"a\" {\n  submit = \"x\"\n  index = \"$I\"\n}", "x.hcl:3:3", "without $"},
		"a first":            {launcher("  first = 2"), "x.hcl:5:3", "0 or 1"},
		"an account":         {launcher("  account = \"x\""), "x.hcl:5:3", "into the command submit"},
		"a word":             {"executor \"array\" \"a\" {\n  submit = \"qsub {tsaks}\"\n  index = \"I\"\n}", "x.hcl:2:3", "there are {name}, {dir}, {tasks}"},
		"submit's in cancel": {launcher("  cancel = \"qdel {script}\""), "x.hcl:5:3", "cancel: there is no word {script}"},
		"a state":            {launcher("  states = { R = \"runs\" }"), "x.hcl:5:3", `R = "runs": write one of canceled, ended`},
		"lost too early":     {"executor \"array\" \"a\" {\n  submit = \"x\"\n  index = \"I\"\n  lost_after = \"30s\"\n}", "x.hcl:4:3", "write 1m0s or more"},
		"a shell's":          {launcher("  cancel = \"x ${y}\""), "x.hcl:5:", "is written $${"},
		"a template":         {launcher("  cancel = \"x%{y}\""), "x.hcl:5:", "y"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := site.Parse([]byte(c.text), "x.hcl")
			if err == nil {
				t.Fatalf("it is read as %+v", f)
			}
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, c.place) || !strings.Contains(line, c.says) {
					t.Errorf("it says\n%s\nwant %s: ... %s", line, c.place, c.says)
				}
			}
		})
	}
	all := slurm("  limit = \"x\"\n  running = -1\n  first = 1") + launcher("  first = 7")
	if _, err := site.Parse([]byte(all), "x.hcl"); err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("not all mistakes are told at once: %v", err)
	}
}

func TestFind(t *testing.T) {
	project, config := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("HOME", config)
	t.Setenv("AppData", config)
	user, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := site.Find("a", project); err == nil || !strings.Contains(err.Error(), site.ProjectFile) || !strings.Contains(err.Error(), `executor "slurm" "a"`) {
		t.Errorf("without files: %v", err)
	}
	write(filepath.Join(user, filepath.FromSlash(site.UserFile)), "executor \"slurm\" \"a\" { account = \"user\" }\nexecutor \"slurm\" \"b\" {}\n")
	write(filepath.Join(project, site.ProjectFile), "executor \"slurm\" \"a\" { account = \"project\" }\n")
	for name, account := range map[string]string{"a": "project", "b": ""} {
		if x, err := site.Find(name, project); err != nil || x.Account != account {
			t.Errorf("%s is %+v, %v", name, x, err)
		}
	}
	if _, err := site.Find("c", project); err == nil || !strings.Contains(err.Error(), "there are a, b") {
		t.Errorf("another name: %v", err)
	}
	write(filepath.Join(project, site.ProjectFile), "executor")
	if _, err := site.Find("b", project); err == nil || !strings.Contains(err.Error(), site.ProjectFile+":1:") {
		t.Errorf("a file with a mistake: %v", err)
	}
}

// FuzzParse: a mistake has its place in the file; what is read has names of its own, times, and commands whose words are known.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		good, "", "executor \"slurm\" \"a\" {}", "executor \"array\" \"a\" {\n  submit = \"{name} {nmae}\"\n  index = \"I\"\n}", "executor \"slurm\" \"a\" { limit = \"-1h\" }",
		"executor \"slurm\" \"a\" {}\nexecutor \"slurm\" \"a\" {}", "executor \"slurm\" \"a\" { batch {}\n batch {} }", "executor \"array\" \"\" { states = { R = 1 } }", "executor \"slurm\" \"a\" { running = 1e99 }",
		"executor \"slurm\" \"a\" { account = null }", "executor \"slurm\" \"${x}\" { setup = [null] }", "\xff", "executor \"array\" \"a\" { states = null\n first = null }",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := site.Parse(data, "x.hcl")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.hcl:") {
				t.Errorf("the mistake has no place: %v", err)
			}
			return
		}
		names := map[string]bool{}
		for i := range read.Executors {
			x := &read.Executors[i]
			if names[x.Name] {
				t.Errorf("there are two %q", x.Name)
			}
			names[x.Name] = true
			if times, err := x.Times(); err != nil || min(times.Limit, times.Longest, times.Poll, times.Ask, times.Lost, times.Target, times.Least) < 0 {
				t.Errorf("the times of %q are %v, %v", x.Name, times, err)
			}
			if err := cluster.Template(x.Submit).Check(cluster.SubmitWords); err != nil {
				t.Errorf("%q: %v", x.Name, err)
			}
			if x.Cluster(cluster.Script{}, "") == nil {
				t.Errorf("%q is no executor", x.Name)
			}
		}
	})
}
