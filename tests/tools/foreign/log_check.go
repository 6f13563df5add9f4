// Checks an Ostoja log with libraries that nobody of Ostoja wrote: golang.org/x/mod/sumdb/note and
// .../tlog, by which every Go toolchain checks Go's own checksum database.
//
//	log_check log ADDRESS VKEY [KEPT]          everything that is served; KEPT is an older checkpoint
//	log_check proof FILE VKEY                  a confirmation (.ostoja-proof)
//	log_check consistency KEPT PROOF VKEY      what 'ostoja log consistency' printed
//	log_check note FILE VKEY                   any signed note; prints its text
//
// ADDRESS is where the log is served (http…), or a folder with the same files. Here is only glue: which
// bytes are fetched and given to the libraries. Prints one line, 'ok: …' or 'failed: …'; exit code 0 or 1.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The height of C2SP tiles: 256 hashes.
const height = 8

// opened gives the tree that a checkpoint speaks of, if the key has signed it.
func opened(msg []byte, vkey string) (tlog.Tree, error) {
	var none tlog.Tree
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return none, err
	}
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return none, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return none, errors.New("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return none, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

func get(address, name string) ([]byte, error) {
	if !strings.HasPrefix(address, "http") {
		return os.ReadFile(filepath.Join(address, name))
	}
	answer, err := http.Get(address + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// stored is the tree as the library stores it, made anew from the leaves that the log serves.
//
// Not the library's TileHashReader, which would do with fewer tiles: before version 0.40 of golang.org/x/mod
// it left up to two tiles unchecked (CVE-2026-56865), and Debian 12 has version 0.7.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, errors.New("a hash is asked for that the tree does not have")
		}
		hashes = append(hashes, s[index])
	}
	return hashes, nil
}

// tilesOf lists the tiles of a tree, each in its full width, leaves first.
func tilesOf(size int64) (widest []tlog.Tile) {
	all := tlog.NewTiles(height, 0, size)
	for i, tile := range all {
		// The library lists every width that a partial tile ever had, one after the other.
		if i+1 == len(all) || all[i+1].L != tile.L || all[i+1].N != tile.N {
			widest = append(widest, tile)
		}
	}
	return widest
}

// fetched gives the tree under a checkpoint, and how many tiles it has, if every one of them is right.
func fetched(address string, tree tlog.Tree) (stored, int, error) {
	var hashes stored
	tiles, served := tilesOf(tree.N), [][]byte{}
	for _, tile := range tiles {
		// Go's own database names the height first, C2SP does not.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := get(address, path)
		if err != nil {
			return nil, 0, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, 0, fmt.Errorf("%s has %d bytes", path, len(data))
		}
		served = append(served, data)
		for i := 0; tile.L == 0 && i < tile.W; i++ {
			n := tile.N<<height + int64(i)
			leaf, err := tlog.HashFromTile(tile, data, tlog.StoredHashIndex(0, n))
			if err != nil {
				return nil, 0, err
			}
			more, err := tlog.StoredHashesForRecordHash(n, leaf, hashes)
			if err != nil {
				return nil, 0, err
			}
			hashes = append(hashes, more...)
		}
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return nil, 0, err
	}
	if root != tree.Hash {
		return nil, 0, errors.New("the tiles do not have the signed root")
	}
	for i, tile := range tiles {
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return nil, 0, err
		}
		if !bytes.Equal(data, served[i]) {
			return nil, 0, fmt.Errorf("%s differs from the tiles below", tile.Path())
		}
	}
	return hashes, len(tiles), nil
}

func checkLog(address, vkey string, kept []byte) (string, error) {
	address = strings.TrimSuffix(address, "/")
	msg, err := get(address, "checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := opened(msg, vkey)
	if err != nil {
		return "", err
	}
	hashes, tiles, err := fetched(address, tree)
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("ok: %d entries, %d tiles", tree.N, tiles)
	if kept == nil {
		return said, nil
	}
	old, err := opened(kept, vkey)
	if err != nil {
		return "", fmt.Errorf("the kept checkpoint: %v", err)
	}
	if old.N > tree.N {
		return "", fmt.Errorf("the log is shorter than the kept checkpoint, which has %d entries", old.N)
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return "", err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, continues the %d kept", said, old.N), nil
}

// parted cuts at the first blank line: lines before it, and the checkpoint behind it.
func parted(text string) ([]string, []byte, error) {
	at := strings.Index(text, "\n\n")
	if at < 0 {
		return nil, nil, errors.New("no blank line")
	}
	return strings.Split(text[:at], "\n"), []byte(text[at+2:]), nil
}

func parseHashes(lines []string) (hashes []tlog.Hash, err error) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func checkProof(file []byte, vkey string) (string, error) {
	var confirmation struct {
		Header    string
		TlogProof string `json:"tlog_proof"`
	}
	if err := json.Unmarshal(file, &confirmation); err != nil {
		return "", err
	}
	header, err := base64.StdEncoding.DecodeString(confirmation.Header)
	if err != nil {
		return "", err
	}
	lines, checkpoint, err := parted(confirmation.TlogProof)
	if err != nil {
		return "", err
	}
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return "", err
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return "", err
	}
	tree, err := opened(checkpoint, vkey)
	if err != nil {
		return "", err
	}
	err = tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(header))
	return fmt.Sprintf("ok: entry %d is one of the %d entries signed", index, tree.N), err
}

func checkConsistency(kept, proof []byte, vkey string) (string, error) {
	old, err := opened(kept, vkey)
	if err != nil {
		return "", fmt.Errorf("the kept checkpoint: %v", err)
	}
	lines, checkpoint, err := parted(string(proof))
	if err != nil {
		return "", err
	}
	if lines[0] != fmt.Sprintf("old %d", old.N) {
		return "", errors.New("the proof starts from another size")
	}
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return "", err
	}
	tree, err := opened(checkpoint, vkey)
	if err != nil {
		return "", err
	}
	err = tlog.CheckTree(hashes, tree.N, tree.Hash, old.N, old.Hash)
	return fmt.Sprintf("ok: the %d entries continue the %d kept", tree.N, old.N), err
}

func checkNote(msg []byte, vkey string) (string, error) {
	verifier, err := note.NewVerifier(strings.TrimSpace(vkey))
	if err != nil {
		return "", err
	}
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return "", err
	}
	return n.Text + "ok: signed by " + verifier.Name(), nil
}

func read(name string) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	return data
}

func main() {
	args := append(os.Args[1:], "", "", "", "")
	said, err := "", errors.New("log_check log ADDRESS VKEY [KEPT] | proof FILE VKEY | consistency KEPT PROOF VKEY | note FILE VKEY")
	switch {
	case args[0] == "log" && args[3] != "":
		said, err = checkLog(args[1], string(read(args[2])), read(args[3]))
	case args[0] == "log":
		said, err = checkLog(args[1], string(read(args[2])), nil)
	case args[0] == "proof":
		said, err = checkProof(read(args[1]), string(read(args[2])))
	case args[0] == "note":
		said, err = checkNote(read(args[1]), string(read(args[2])))
	case args[0] == "consistency":
		said, err = checkConsistency(read(args[1]), read(args[2]), string(read(args[3])))
	}
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}
