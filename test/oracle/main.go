// Answers what the API server's own code says about audit policies and requests: one JSON object per line on standard
// input, {"name", "policy", "requests"?}; the answers as a JSON array on standard output, one line each. To renew:
//
//	node questions.ts | go run . > answers-0.34.json
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"

	"k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/klog/v2"
)

type request struct {
	User *struct {
		Name   string   `json:"name"`
		Groups []string `json:"groups"`
	} `json:"user"`
	Verb   string `json:"verb"`
	Target struct {
		Kind        string `json:"kind"`
		Group       string `json:"group"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
		Path        string `json:"path"`
	} `json:"target"`
}

type question struct {
	Name     string    `json:"name"`
	Policy   string    `json:"policy"`
	Requests []request `json:"requests,omitempty"`
}

type decision struct {
	Level             string   `json:"level"`
	OmitStages        []string `json:"omitStages"`
	OmitManagedFields bool     `json:"omitManagedFields"`
}

type answer struct {
	Name      string        `json:"name"`
	Error     string        `json:"error,omitempty"`
	Warning   string        `json:"warning,omitempty"`
	Loaded    *audit.Policy `json:"loaded,omitempty"`
	Decisions []decision    `json:"decisions,omitempty"`
}

var schemePlace = regexp.MustCompile(`in scheme "[^"]*"`)

func (r request) attributes() authorizer.Attributes {
	attributes := authorizer.AttributesRecord{
		Verb:            r.Verb,
		ResourceRequest: r.Target.Kind == "resource",
		APIGroup:        r.Target.Group,
		Resource:        r.Target.Resource,
		Subresource:     r.Target.Subresource,
		Namespace:       r.Target.Namespace,
		Name:            r.Target.Name,
		Path:            r.Target.Path,
	}
	if r.User != nil {
		attributes.User = &user.DefaultInfo{Name: r.User.Name, Groups: r.User.Groups}
	}
	return attributes
}

func answerTo(q question, log *bytes.Buffer) answer {
	log.Reset()
	loaded, err := policy.LoadPolicyFromBytes([]byte(q.Policy))
	klog.Flush()
	result := answer{Name: q.Name}
	const marker = "falling back to lenient decoding: strict decoding error: "
	if _, warning, found := strings.Cut(log.String(), marker); found {
		result.Warning = strings.TrimSuffix(warning, "\n")
	}
	if err != nil {
		result.Error = schemePlace.ReplaceAllString(err.Error(), `in scheme "…"`)
		return result
	}
	loaded.ObjectMeta.Reset()
	result.Loaded = loaded
	// The evaluator writes the policy's stages into the rules.
	evaluator := policy.NewPolicyRuleEvaluator(loaded.DeepCopy())
	for _, r := range q.Requests {
		config := evaluator.EvaluatePolicyRule(r.attributes())
		stages := []string{}
		for _, stage := range config.OmitStages {
			stages = append(stages, string(stage))
		}
		sort.Strings(stages)
		result.Decisions = append(result.Decisions, decision{string(config.Level), stages, config.OmitManagedFields})
	}
	return result
}

func main() {
	var log bytes.Buffer
	flags := flag.NewFlagSet("klog", flag.ExitOnError)
	klog.InitFlags(flags)
	for _, name := range []string{"logtostderr=false", "one_output=true"} {
		key, value, _ := strings.Cut(name, "=")
		if err := flags.Set(key, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(&log)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<26)
	separator := "[\n"
	for input.Scan() {
		var q question
		if err := json.Unmarshal(input.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		line, err := json.Marshal(answerTo(q, &log))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("%s%s", separator, line)
		separator = ",\n"
	}
	fmt.Println("\n]")
}
