package config

import "regexp"

// secrets match what may be secret in a line of a file or in a value, with the text that
// stays of it: a user, a password and the query in an address, the value of a name such as
// api_key, and what looks like a key of a provider.
var secrets = []struct {
	match *regexp.Regexp
	stays string
}{
	{regexp.MustCompile(`://[^\s"']*@`), "://…@"},
	{regexp.MustCompile(`(://[^\s"'?]*\?)[^\s"']+`), "$1…"},
	{regexp.MustCompile(`(?i)((?:api_?-?key|token|password|passwd|secret|authorization)["']?\s*[:=]\s*)\S.*`), "$1…"},
	{regexp.MustCompile(`(?i)(bearer\s+)\S+`), "$1…"},
	{regexp.MustCompile(`\b(?:sk|gsk|hf|xai|pk)[-_][A-Za-z0-9_-]{8,}|\bAIza[A-Za-z0-9_-]{8,}`), "…"},
}

// secretName matches the names of settings that people expect to have an API key.
var secretName = regexp.MustCompile(`(?i)(^|[._-])(api_?-?key|token|password|secret|authorization)$`)

// withoutSecrets returns a text of the user as a message may show it: messages reach the
// journal and reports of faults.
func withoutSecrets(s string) string {
	for _, one := range secrets {
		s = one.match.ReplaceAllString(s, one.stays)
	}
	return s
}
