// SPDX-License-Identifier: GPL-2.0-or-later

// As plain.go, in the way of tutorials on concurrency: a goroutine for every password, a channel to
// collect them, and crypto/rand.Int for every character.
package main

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"runtime"
)

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$"

func password(out chan<- string) {
	text := make([]byte, 12)
	for i := range text {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		text[i] = alphabet[n.Int64()]
	}
	out <- string(text)
}

func page(w http.ResponseWriter, _ *http.Request) {
	out := make(chan string)
	for i := 0; i < 100; i++ {
		go password(out)
	}
	passwords := make([]string, 100)
	for i := range passwords {
		passwords[i] = <-out
	}
	fmt.Fprint(w, passwords)
}

func main() {
	runtime.GOMAXPROCS(1)
	http.HandleFunc("/password", page)
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
