package site_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spurion/pipeline/cluster"
	"spurion/pipeline/site"
	"spurion/stages"
)

// documented gives an executor of docs/launchers.md.
func documented(t *testing.T, name string) *site.Executor {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "launchers.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?ms)^```hcl executors\n(.*?)^```").FindAllStringSubmatch(string(page), -1) {
		f, err := site.Parse([]byte(block[1]), "launchers.md")
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Executors {
			if f.Executors[i].Name == name {
				return &f.Executors[i]
			}
		}
	}
	t.Fatalf("docs/launchers.md has no executor %q", name)
	return nil
}

// TestDocumented has the commands of docs/launchers.md call programs that note what they are asked and print what the manuals show. Submitted are
// three tasks, or one.
func TestDocumented(t *testing.T) {
	if _, err := exec.LookPath("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh")
	}
	const pbs = `Job id            Name             User              Time Use S Queue
----------------  ---------------- ----------------  -------- - -----
`
	// How the program that is asked must be called, as a pattern of the shell's.
	asked := map[string]string{
		"pbs": "'-t 12[].head'", "pbs ": "'-t 13.head'", "torque": "'-t 12[].head'", "sge": "'-g d -u '*", "lsf": "*'-J spurion-t-a0001'", "condor": `*'JobBatchName == "spurion-t-a0001"'*`,
		"hq": "'job task-ids 12 --filter=running'", "aws": "*'--array-job-id 0a1b --job-status RUNNING '*",
	}
	for name, c := range map[string]struct {
		submit, ask string // programs
		tasks       int
		id, printed string
		args        string // how submit is called; a regular expression
		want        string // TASK PHASE END, a comma between
	}{
		"pbs": {"qsub", "qstat", 3, "12[].head", pbs + "12[].head         spurion          ann                      0 B workq\n12[0].head        spurion          ann                      0 X workq\n" +
			"12[1].head        spurion          ann               00:00:03 R workq\n12[2].head        spurion          ann                      0 Q workq\n",
			`-N spurion -q workq -J 0-2%2 -l select=1:ncpus=4:mem=2248mb:ngpus=1 -l walltime=5400 -j oe -o /dev/null .*/script\n$`, "0 3 0,1 2 0,2 1 0"},
		"pbs ": {"qsub", "qstat", 1, "13.head", pbs + "13.head           spurion          ann               00:00:03 R workq\n",
			`-N spurion -q workq -l select=1:ncpus=4`, "0 2 0"},
		"torque": {"qsub", "qstat", 3, "12[].head", pbs + "12[0].head        spurion-0        ann               00:00:01 C batch\n12[1].head        spurion-1        ann               00:00:03 R batch\n" +
			"12[2].head        spurion-2        ann                      0 Q batch\n",
			`-N spurion -t 0-2%2 -l nodes=1:ppn=4,walltime=5400,mem=2248mb`, "0 3 0,1 2 0,2 1 0"},
		"sge": {"qsub", "qstat", 3, "12.1-3:1", `job-ID  prior   name       user         state submit/start at     queue                          slots ja-task-ID
-----------------------------------------------------------------------------------------------------------------
     11 0.55500 other      ann          r     12/01/2026 10:00:00 all.q@n1                           1 2
     12 0.55500 spurion    ann          r     12/01/2026 10:00:00 all.q@n1                           4 1
     12 0.55500 spurion    ann          qw    12/01/2026 10:00:00                                    4 2
     12 0.00000 spurion    ann          Eqw   12/01/2026 10:00:00                                    4 3
`, `-terse -N spurion -t 1-3 -tc 2 -S /bin/sh -l h_rt=5400 -l h_vmem=563M -pe smp 4 -j y`, "0 2 0,1 1 0,2 1 0"},
		"lsf": {"bsub", "bjobs", 3, "Job <12> is submitted to queue <normal>.", "1        DONE\n2        RUN\n3        PEND\n",
			`-J spurion-t-a0001\[1-3\]%2 -q normal -n 4 -R span\[hosts=1\] -W 90 -M 2248MB -gpu num=1`, "0 3 0,1 2 0,2 1 0"},
		"condor": {"condor_submit", "condor_q", 3, "3 job(s) submitted to cluster 12.", "0 2\n1 1\n2 5\n", `-batch-name spurion-t-a0001 -\n$`, "0 2 0,1 1 0,2 1 0"},
		"hq":     {"hq", "hq", 3, "12", "0-1", `--output-mode=quiet submit --name=spurion-t-a0001 --array=0-2 --cpus=4 --resource gpus/nvidia=1 --time-limit=5400s`, "0 2 0,1 2 0"},
		"aws": {"aws", "aws", 3, "0a1b", "0\tRUNNING\n1\tRUNNING\n",
			`--array-properties size=3 --timeout attemptDurationSeconds=5400 --container-overrides command=/bin/sh,.*/script,resourceRequirements=\[\{type=VCPU,value=4\},\{type=MEMORY,value=2248\},\{type=GPU,value=1\}\]`,
			"0 2 0,1 2 0"},
	} {
		t.Run(name, func(t *testing.T) {
			bin, folder := t.TempDir(), cluster.Folder(t.TempDir())
			write := func(program, text string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(bin, program), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
			x := documented(t, strings.TrimSpace(name)).Cluster(cluster.Script{Program: "/bin/true"}, folder)
			a := cluster.Array{Name: "spurion-T-a0001", Tasks: c.tasks, Running: 2, Each: stages.Resources{CPUs: 4, GPUs: 1, Memory: 2 << 30, Time: 5400e9}}
			var err error
			if a.Dir, err = folder.Make(a.Name); err != nil {
				t.Fatal(err)
			}
			for task := range a.Tasks {
				if err := folder.WriteBatch(a.Name, task, nil); err != nil {
					t.Fatal(err)
				}
			}
			write(c.submit, fmt.Sprintf("#!/bin/sh\necho \"$@\" >%s/args\necho '%s'\n", bin, c.id))
			if err := x.Submit(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if args, err := os.ReadFile(filepath.Join(bin, "args")); err != nil || !regexp.MustCompile(c.args).Match(args) {
				t.Errorf("it is called with\n%s, %v, want\n%s", args, err, c.args)
			}
			write(c.ask, fmt.Sprintf("#!/bin/sh\ncase \"$*\" in\n%s) cat <<'END'\n%s\nEND\nesac\n", asked[name], strings.TrimSuffix(c.printed, "\n")))
			list, err := x.Ask(t.Context(), []string{a.Name})
			var got []string
			for _, s := range list {
				got = append(got, fmt.Sprint(s.Task, s.Phase, s.End))
			}
			if err != nil || strings.Join(got, ",") != c.want {
				t.Errorf("it reads %q, %v, want %q", strings.Join(got, ","), err, c.want)
			}
			write(c.ask, "#!/bin/sh\nexit 2\n")
			if list, err := x.Ask(t.Context(), []string{a.Name}); err == nil {
				t.Errorf("where %s fails, the answer is %v", c.ask, list)
			}
		})
	}
}
