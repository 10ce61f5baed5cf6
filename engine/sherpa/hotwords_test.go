package sherpa

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
)

// modelOf returns a transducer with a vocabulary, which is not loaded.
func modelOf(t *testing.T, kind, tokens string) *Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.txt")
	if err := os.WriteFile(path, []byte(tokens), 0o644); err != nil {
		t.Fatal(err)
	}
	return &Model{kind: models.Model{Kind: kind}.Can(), options: options{paths: map[string]string{models.Tokens: path}}}
}

// TestHotWords: a model gets only words that its vocabulary can spell, and nothing that is
// syntax of sherpa-onnx, which would end the process.
func TestHotWords(t *testing.T) {
	const mixed = "<unk> 0\n▁ku 1\n▁K 2\nu 3\nb 4\ne 5\nr 6\nn 7\nt 8\ns 9\nc 10\nl 11\n▁ 12\n- 13\nC 14\n+ 15\n: 16\n# 17\n<blk> 18\n"
	upper := strings.ToUpper(mixed)
	for _, tt := range []struct{ kind, tokens, lines, want string }{
		{models.KindTransducer, mixed, "Kubernetes\nkubectl", "Kubernetes/kubectl"},
		{models.KindNemotron, mixed, "Kubernetes", "Kubernetes"},
		{models.KindTransducer, mixed, "  Kubern  etes \n\n", "Kubern etes"},
		{models.KindTransducer, mixed, "C#\nC++\n:ub\n@ub\n#\n/\n::\nu/b\nu:b\nub :x", "C++/u b"},
		{models.KindTransducer, mixed, "Жук\nKubernetes\nK8s", "Kubernetes"},
		{models.KindZipformer, upper, "Kubernetes", "KUBERNETES"},
		{models.KindZipformer, strings.ToLower(mixed), "Kubernetes", "kubernetes"},
		{models.KindTransducer, mixed, "<unk>\n<blk>\nub\x00e\n▁ub", ""},
		{models.KindWhisper, "", "Kubernetes\n, \n Vue.js,\nL'Oréal\x00", "Kubernetes\nVue.js\nL'Oréal"},
		{models.KindMoonshine, mixed, "Kubernetes", ""},
		{models.KindQwen3, "", "Kubernetes\nfoo, bar\n" + strings.Repeat("x\n", 100), "Kubernetes,foo bar" + strings.Repeat(",x", maxQwenWords-2)},
	} {
		if got := modelOf(t, tt.kind, tt.tokens).hotWords(tt.lines); got != tt.want {
			t.Errorf("%s, %q: %q, want %q", tt.kind, tt.lines, got, tt.want)
		}
	}
}

// TestPieces: a vocabulary is readable by its path, in the form of sherpa-onnx.
func TestPieces(t *testing.T) {
	m := modelOf(t, models.KindTransducer, "<unk> 0\n▁ku 1\nbe 2\n")
	v, err := readVocabulary(m.options.paths[models.Tokens])
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(v.path())
	if want := "<unk>\t0\n▁ku\t-1\nbe\t-2\n"; err != nil || string(b) != want {
		t.Errorf("%q, %v, want %q", b, err, want)
	}
}
