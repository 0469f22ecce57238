package org.reft4j.server.tinker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.engine.SampleStream;

/**
 * Everything that was sampled for a request.
 *
 * @param finished one for each sample
 * @param shown their tokens with the likeliest others, where asked for
 * @param scores of the prompt's tokens from the second on, where asked for
 */
record Samples(
        List<SampleEvent.Finish> finished,
        List<List<TokenText>> shown,
        @Nullable List<TokenText> scores) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Waits until all is there. */
    static Samples of(EngineProcess engine, SampleRequest request) {
        SampleEvent.Finish[] finished = new SampleEvent.Finish[request.choices()];
        List<List<TokenText>> shown = new ArrayList<>();
        for (int i = 0; i < request.choices(); i++) {
            shown.add(new ArrayList<>());
        }
        List<TokenText> scores = null;
        try (SampleStream stream = engine.sample(List.of(request))) {
            while (true) {
                Optional<SampleStream.Heard> heard = stream.next(PATIENCE);
                if (heard.isEmpty()) {
                    continue;
                }
                switch (heard.get().event()) {
                    case SampleEvent.Prompt prompt -> scores = request.promptScores() ? prompt.scores() : null;
                    case SampleEvent.Text text -> shown.get(text.choice()).addAll(text.tokens());
                    case SampleEvent.Finish finish -> finished[finish.choice()] = finish;
                    case SampleEvent.End _ -> {
                        return new Samples(List.of(finished), shown, scores);
                    }
                }
            }
        }
    }
}
