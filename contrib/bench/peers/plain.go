// SPDX-License-Identifier: GPL-2.0-or-later

// The page of muxd as Go programs usually make it: net/http and crypto/rand.
package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"runtime"
)

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$"

func password(buffer []byte) string {
	out := make([]byte, 0, 12)
	for len(out) < 12 {
		rand.Read(buffer)
		for _, b := range buffer {
			if b < 195 && len(out) < 12 {
				out = append(out, alphabet[b%65])
			}
		}
	}
	return string(out)
}

func page(w http.ResponseWriter, _ *http.Request) {
	buffer := make([]byte, 16)
	passwords := make([]string, 100)
	for i := range passwords {
		passwords[i] = password(buffer)
	}
	fmt.Fprint(w, passwords)
}

func main() {
	runtime.GOMAXPROCS(1)
	http.HandleFunc("/password", page)
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
