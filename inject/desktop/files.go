package desktop

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rooted returns a path of the system.
func rooted(root string, parts ...string) string {
	return filepath.Join(append([]string{"/", root}, parts...)...)
}

// glob returns the paths below a directory that match, the newest first, because a
// desktop that crashed leaves its sockets.
func glob(dir, pattern string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are good
	slices.SortStableFunc(paths, func(a, b string) int { return modified(b).Compare(modified(a)) })
	return paths
}

func modified(path string) time.Time {
	info, err := os.Lstat(path)
	if err != nil {
		return time.Time{} // gone meanwhile
	}
	return info.ModTime()
}
