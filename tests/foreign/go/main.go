// The Go libraries of the formats' authors (golang.org/x/mod/sumdb) read an export of Doorstep.
//
//	oracle VKEY OLD NEW [PROOF...]
//
// OLD and NEW are two states of one log's folder in an export, the files PROOF are tlog-proofs of NEW's tree. The program
// opens both notes, proves every leaf of NEW from its tiles, proves that NEW extends OLD, computes NEW's root from the
// leaves alone, and checks the proof files. It ends with 1 and a line that says what does not hold.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// die says what does not hold.
func die(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "go: "+format+"\n", args...)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		die("%v", err)
	}
	return value
}

// head is what a checkpoint says once its signature holds.
func head(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		die("the note: %v", err)
	}
	lines := strings.SplitN(opened.Text, "\n", 4)
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		die("the note's text is %q", opened.Text)
	}
	size := must(strconv.ParseInt(lines[1], 10, 64))
	root := must(base64.StdEncoding.Strict().DecodeString(lines[2]))
	if len(root) != tlog.HashSize {
		die("a root of %d bytes", len(root))
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(*(*[tlog.HashSize]byte)(root))}
}

// folder serves tiles. Go puts the height into a path, C2SP does not.
type folder string

func (folder) Height() int { return height }

func (folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

// leaves reads the bundles of entries: each leaf stands behind its length in two bytes.
func leaves(f folder, size int64) [][]byte {
	var all [][]byte
	for first := int64(0); first < size; first += 1 << height {
		width := min(size-first, 1<<height)
		tile := tlog.Tile{H: height, L: -1, N: first >> height, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		bundle := must(os.ReadFile(filepath.Join(string(f), path)))
		for n := int64(0); n < width; n++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				die("%s ends early", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			all = append(all, bundle[2:end])
			bundle = bundle[end:]
		}
		if len(bundle) != 0 {
			die("%s has more than its leaves", path)
		}
	}
	return all
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// memory holds the stored hashes of a tree that is built from leaves alone.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var read []tlog.Hash
	for _, index := range indexes {
		read = append(read, m[index])
	}
	return read, nil
}

func rootOf(leaves [][]byte) tlog.Hash {
	var stored memory
	for n, leaf := range leaves {
		stored = append(stored, must(tlog.StoredHashes(int64(n), leaf, stored))...)
	}
	return must(tlog.TreeHash(int64(len(leaves)), stored))
}

// checkProof checks a tlog-proof against a tree, with nothing but its text.
func checkProof(path string, verifier note.Verifier, leaves [][]byte) {
	text, signed, found := bytes.Cut(must(os.ReadFile(path)), []byte("\n\n"))
	lines := strings.Split(string(text), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		die("%s is no proof", path)
	}
	extra := must(base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
	if !bytes.Equal(extra, leaves[index]) {
		die("%s holds another leaf", path)
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		proof = append(proof, must(tlog.ParseHash(line)))
	}
	tree := head(signed, verifier)
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(extra)); err != nil {
		die("%s: %v", path, err)
	}
}

func main() {
	if len(os.Args) < 4 {
		die("usage: oracle VKEY OLD NEW [PROOF...]")
	}
	verifier := must(note.NewVerifier(os.Args[1]))
	old := head(must(os.ReadFile(filepath.Join(os.Args[2], "checkpoint"))), verifier)
	dir := folder(os.Args[3])
	tree := head(must(os.ReadFile(filepath.Join(os.Args[3], "checkpoint"))), verifier)
	entries := leaves(dir, tree.N)
	reader := tlog.TileHashReader(tree, dir)
	for n, leaf := range entries {
		proof := must(tlog.ProveRecord(tree.N, int64(n), reader))
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(leaf)); err != nil {
			die("leaf %d: %v", n, err)
		}
	}
	if rootOf(entries) != tree.Hash {
		die("the leaves give another root")
	}
	if err := tlog.CheckTree(must(tlog.ProveTree(tree.N, old.N, reader)), tree.N, tree.Hash, old.N, old.Hash); err != nil {
		die("the log does not extend its older state: %v", err)
	}
	for _, path := range os.Args[4:] {
		checkProof(path, verifier, entries)
	}
	fmt.Printf("go: %d leaves, %d to %d consistent, %d proof files\n", len(entries), old.N, tree.N, len(os.Args)-4)
}
