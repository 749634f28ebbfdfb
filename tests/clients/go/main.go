// A client of docs-chat in Go: searches, has a question answered, and tells failures apart by their reason.
//
//	go run . RETRIEVER AGENT QUESTION
//
// DOCS_CHAT_TOKEN, when set, is shown to the services.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	agentv1 "example.org/docs-chat-client/gen/docs_chat/agent/v1"
	retrieverv1 "example.org/docs-chat-client/gen/docs_chat/retriever/v1"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: docs-chat-client RETRIEVER AGENT QUESTION")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if token := os.Getenv("DOCS_CHAT_TOKEN"); token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	}
	retriever := retrieverv1.NewRetrieverServiceClient(connect(os.Args[1]))
	agent := agentv1.NewAgentServiceClient(connect(os.Args[2]))
	if err := search(ctx, retriever, os.Args[3]); err != nil {
		log.Fatal(err)
	}
	if err := ask(ctx, agent, os.Args[3]); err != nil {
		log.Fatal(err)
	}
	_, err := retriever.GetSite(ctx, &retrieverv1.GetSiteRequest{Site: "nowhere"})
	fmt.Println("refused", reason(err))
}

func connect(target string) *grpc.ClientConn {
	connection, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

func search(ctx context.Context, retriever retrieverv1.RetrieverServiceClient, question string) error {
	found, err := retriever.SearchPassages(ctx, &retrieverv1.SearchPassagesRequest{
		Queries: []*retrieverv1.Query{{Text: question}},
		Limit:   3,
	})
	if err != nil {
		return err
	}
	for _, passage := range found.Passages {
		fmt.Println("found", passage.Uri)
	}
	return nil
}

func ask(ctx context.Context, agent agentv1.AgentServiceClient, question string) error {
	events, err := agent.RunTurn(ctx, &agentv1.RunTurnRequest{
		Messages: []*agentv1.Message{{Role: agentv1.MessageRole_MESSAGE_ROLE_USER, Text: question}},
	})
	if err != nil {
		return err
	}
	for {
		event, err := events.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch event := event.Event.(type) {
		case *agentv1.RunTurnResponse_TextDelta:
			fmt.Println("text", event.TextDelta.Text)
		case *agentv1.RunTurnResponse_TurnCompleted:
			fmt.Println("answer", event.TurnCompleted.Text)
		}
	}
}

// reason names why a call failed, as ErrorReason does without its prefix.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.Domain == "docs-chat" {
			return info.Reason
		}
	}
	return status.Code(err).String()
}
