package pages_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/pages"
)

func TestLinks(t *testing.T) {
	const page = "[a](x.md) and [b](y.md#z), ![p](p.png)\n`[no](no.md)`\n```\n[no](no.md)\n```\n<!-- [no](no.md)\n[no](no.md) -->\n[c]\n\n[c]: https://example.org \"title\"\n[d](<e.md> \"f\")\n"
	want := []pages.Link{{1, "x.md"}, {1, "y.md#z"}, {1, "p.png"}, {10, "https://example.org"}, {11, "e.md"}}
	if got := pages.Links(page); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnchors(t *testing.T) {
	const page = "# The `unit`: what it says, and why?\n## More\n### More\n## [Link](x.md) ##\n```sh\n# a comment\n```\n<a id=\"own\"></a>\n## Snake_case-dash é\n"
	want := []string{"link", "more", "more-1", "own", "snake_case-dash-é", "the-unit-what-it-says-and-why"}
	if got := slices.Sorted(maps.Keys(pages.Anchors(page))); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestQuotations(t *testing.T) {
	const page = "run `a b` or ``c ` d``\n```\n`no`\n```\n"
	want := []string{"a b", "c ` d"}
	if got := pages.Quotations(page); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
