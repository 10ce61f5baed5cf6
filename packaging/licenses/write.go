package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/version"
)

// home is where the sources are.
const home = "https://github.com/arealicehole/vocoder"

// writeCopyright writes the file in the form of
// www.debian.org/doc/packaging-manuals/copyright-format/1.0. Its paths are those of the parts
// below a folder that a build without a network has, vendor/ or lib/.
func writeCopyright(out io.Writer, all []part) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: vocoder\nSource: %s\n"+
		"Comment: A paragraph for each part that the programs and libraries of this package\n are linked from, with the whole text of its license.\n", home)
	for i, p := range all {
		files := "vendor/" + p.Name + "/*"
		switch {
		case i == 0:
			files = "*"
		case p.File != "":
			files = "lib/" + p.File + "/" + slug(p.Name) + "/*"
		case strings.HasPrefix(p.Name, own):
			files = strings.TrimPrefix(p.Name, own) + "/*"
		}
		short := strings.NewReplacer(" AND ", " and ", " OR ", " or ", " WITH ", " with ").Replace(p.License)
		fmt.Fprintf(&b, "\nFiles: %s\nCopyright: %s\nLicense: %s\n", files, strings.Join(p.Copyright, "\n           "), short)
		for line := range strings.Lines(strings.TrimRight(p.Text, "\n")) {
			line = strings.TrimRight(line, " \t\r\n\f")
			if line == "" {
				line = "."
			}
			b.WriteString(" " + line + "\n")
		}
		if about := strings.TrimSpace(p.Version + " " + p.Home); about != "" && i > 0 {
			fmt.Fprintf(&b, "Comment: %s %s\n", p.Name, about)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// slug returns a name that a path may have.
func slug(name string) string {
	return strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// An entry is a package in an SBOM: spdx.github.io/spdx-spec/v2.3/package-information.
type entry struct {
	ID        string `json:"SPDXID"`
	Name      string `json:"name"`
	Version   string `json:"versionInfo,omitempty"`
	Location  string `json:"downloadLocation"`
	Analyzed  bool   `json:"filesAnalyzed"`
	Concluded string `json:"licenseConcluded"`
	Declared  string `json:"licenseDeclared"`
	Copyright string `json:"copyrightText"`
	Comment   string `json:"comment,omitempty"`
	Refs      []ref  `json:"externalRefs,omitempty"`
}

type ref struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relation struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

type extracted struct {
	ID   string `json:"licenseId"`
	Text string `json:"extractedText"`
}

// writeSBOM writes an SBOM in SPDX 2.3. Its time is SOURCE_DATE_EPOCH.
func writeSBOM(out io.Writer, all []part) error {
	epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	var entries []entry
	relations := []relation{{"SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-vocoder"}}
	var texts []extracted
	for i, p := range all {
		e := entry{ID: "SPDXRef-" + slug(p.Name+" "+p.File), Name: p.Name, Version: p.Version, Location: "NOASSERTION",
			Concluded: p.License, Declared: p.License, Copyright: strings.Join(p.Copyright, "\n")}
		if p.Home != "" {
			e.Comment = p.Home
		}
		switch {
		case i == 0:
			e.ID, e.Location = "SPDXRef-vocoder", home+"/archive/refs/tags/v"+version.String()+".tar.gz"
		case p.File != "":
			relations = append(relations, relation{"SPDXRef-vocoder", "DYNAMIC_LINK", e.ID})
			e.Comment = "in " + p.File + ", " + p.Home
		default:
			relations = append(relations, relation{"SPDXRef-vocoder", "STATIC_LINK", e.ID})
			if strings.HasPrefix(p.Home, "https://pkg.go.dev/") && p.Version != "" {
				e.Refs = []ref{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + p.Name + "@" + p.Version}}
			}
		}
		if strings.Contains(p.License, "LicenseRef-") {
			texts = append(texts, extracted{p.License, p.Text})
		}
		entries = append(entries, e)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		Version   string         `json:"spdxVersion"`
		License   string         `json:"dataLicense"`
		ID        string         `json:"SPDXID"`
		Name      string         `json:"name"`
		Space     string         `json:"documentNamespace"`
		Creation  map[string]any `json:"creationInfo"`
		Packages  []entry        `json:"packages"`
		Relations []relation     `json:"relationships"`
		Extracted []extracted    `json:"hasExtractedLicensingInfos,omitempty"`
	}{"SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT", "vocoder-" + version.String(), home + "/releases/download/v" + version.String() + "/sbom",
		map[string]any{"created": time.Unix(epoch, 0).UTC().Format(time.RFC3339), "creators": []string{"Tool: vocoder-packaging-licenses"}},
		entries, relations, texts})
}
