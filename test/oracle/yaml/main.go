// Answers what sigs.k8s.io/yaml, with which the API server reads YAML, makes of texts: each line of standard input is one
// in base64, each line of standard output what becomes of it. To renew ../yaml-answers.json: node test/oracle/yaml/renew.ts
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	// The text as JSON, or why it is none.
	JSON  string `json:"json,omitempty"`
	Error string `json:"error,omitempty"`
	// What the strict pass says besides.
	Strict string `json:"strict,omitempty"`
}

func answerTo(text []byte) answer {
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return answer{Error: err.Error()}
	}
	result := answer{JSON: string(converted)}
	if _, err := yaml.YAMLToJSONStrict(text); err != nil {
		result.Strict = err.Error()
	}
	return result
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<26)
	for input.Scan() {
		text, err := base64.StdEncoding.DecodeString(input.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		line, err := json.Marshal(answerTo(text))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(string(line))
	}
}
