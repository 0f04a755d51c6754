// Measures the API server's own evaluator, for test/bench/evaluate.ts. The first line of standard input is
// {"policy", "requests"}; every further line a number of passes over the requests, answered by the nanoseconds they took.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

type question struct {
	Policy   string `json:"policy"`
	Requests []struct {
		User struct {
			Name   string   `json:"name"`
			Groups []string `json:"groups"`
		} `json:"user"`
		Verb   string `json:"verb"`
		Target struct {
			Kind, Group, Resource, Subresource, Namespace, Name, Path string
		} `json:"target"`
	} `json:"requests"`
}

// What was decided last, so that no evaluation can be left out by the compiler.
var last audit.RequestAuditConfig

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	fail(err)
	var q question
	fail(json.Unmarshal(line, &q))
	loaded, err := policy.LoadPolicyFromBytes([]byte(q.Policy))
	fail(err)
	evaluator := policy.NewPolicyRuleEvaluator(loaded)
	requests := []authorizer.Attributes{}
	for _, r := range q.Requests {
		requests = append(requests, &authorizer.AttributesRecord{
			User: &user.DefaultInfo{Name: r.User.Name, Groups: r.User.Groups},
			Verb: r.Verb, ResourceRequest: r.Target.Kind == "resource", APIGroup: r.Target.Group,
			Resource: r.Target.Resource, Subresource: r.Target.Subresource, Namespace: r.Target.Namespace,
			Name: r.Target.Name, Path: r.Target.Path,
		})
	}
	levels := []string{}
	for _, request := range requests {
		levels = append(levels, string(evaluator.EvaluatePolicyRule(request).Level))
	}
	answer, err := json.Marshal(levels)
	fail(err)
	fmt.Println(string(answer))
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		passes, err := strconv.Atoi(line[:len(line)-1])
		fail(err)
		start := time.Now()
		for range passes {
			for _, request := range requests {
				last = evaluator.EvaluatePolicyRule(request)
			}
		}
		fmt.Println(time.Since(start).Nanoseconds())
	}
}
