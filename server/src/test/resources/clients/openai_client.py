"""OpenAI's own Python client against a server: OPENAI_BASE_URL and OPENAI_API_KEY name it; the argument names a model."""

import json
import sys
import time

import openai

model = sys.argv[1]
client = openai.OpenAI(max_retries=0, timeout=120)


def file(name, rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    made = client.files.create(file=(name, lines.encode()), purpose="fine-tune")
    assert client.files.wait_for_processing(made.id).status == "processed"
    return made.id


def question(i):
    return {"role": "user", "content": f"{i} plus 1?"}


def answer(text):
    return [{"role": "assistant", "content": text}]


def ended(job):
    while job.status not in ("succeeded", "failed", "cancelled"):
        time.sleep(0.2)
        job = client.fine_tuning.jobs.retrieve(job.id)
    return job


def succeeded(job):
    job = ended(job)
    assert job.status == "succeeded", job
    assert job.error is None, job.error
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
    assert events[0].message == "The job has successfully completed", events[0]
    assert events[-1].message == f"Created fine-tuning job: {job.id}", events[-1]
    assert len({event.id for event in events}) == len(events)
    assert any(event.type == "metrics" for event in events)
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
    assert checkpoints and all(each.fine_tuning_job_id == job.id for each in checkpoints)
    assert client.files.content(job.result_files[0]).text.startswith("step,")
    assert client.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model
    return job


# Files.
train = file("train.jsonl", [{"messages": [question(i)] + answer(str(i + 1))} for i in range(12)])
stored = client.files.retrieve(train)
assert stored.filename == "train.jsonl" and stored.purpose == "fine-tune" and stored.bytes > 0
assert train in [each.id for each in client.files.list(limit=1)]  # page by page
assert client.files.content(train).text.startswith('{"messages"')
gone = file("gone.jsonl", [{"messages": [question(1)] + answer("2")}])
assert client.files.delete(gone).deleted
try:
    client.files.retrieve(gone)
    raise AssertionError("a deleted file is there")
except openai.NotFoundError as e:
    assert e.param == "id" and gone in e.message, e
parts = b"".join(json.dumps({"n": i}).encode() + b"\n" for i in range(1000))
upload = client.uploads.upload_file_chunked(
    file=parts, filename="parts.jsonl", bytes=len(parts), mime_type="text/jsonl", purpose="user_data", part_size=4000
)
assert client.files.content(upload.file.id).content == parts

# Graders.
python = {
    "type": "python",
    "name": "letters",
    "source": "def grade(sample, item):\n    return min(1.0, len(sample['output_text']) / 40)\n",
}
multi = {
    "type": "multi",
    "name": "both",
    "graders": {
        "equal": {
            "type": "string_check",
            "name": "equal",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "operation": "eq",
        },
        "close": {
            "type": "text_similarity",
            "name": "close",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "evaluation_metric": "fuzzy_match",
        },
    },
    "calculate_output": "0.5 * equal + 0.5 * close",
}
assert client.fine_tuning.alpha.graders.validate(grader=python).grader is not None
run = client.fine_tuning.alpha.graders.run(grader=multi, item={"answer": "42"}, model_sample="42")
assert run.reward == 1.0 and run.sub_rewards == {"equal": 1.0, "close": 1.0}, run
assert not run.metadata.errors.other_error
try:
    client.fine_tuning.alpha.graders.validate(grader={"type": "python", "name": "a", "source": "def grade("})
    raise AssertionError("a grader that does not compile is valid")
except openai.BadRequestError as e:
    assert e.param, e

# Jobs of each method.
short = {"evaluate.max-total-tokens": 60}
supervised = client.fine_tuning.jobs.create(
    model=model,
    training_file=train,
    suffix="py",
    seed=7,
    metadata={"by": "python"},
    method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 6}}},
    extra_body={"reft4j": short},
)
assert supervised.status == "validating_files" and supervised.seed == 7
pairs = file(
    "pairs.jsonl",
    [
        {
            "input": {"messages": [question(i)]},
            "preferred_output": answer(f"good {i}"),
            "non_preferred_output": answer(f"bad {i}"),
        }
        for i in range(12)
    ],
)
dpo = client.fine_tuning.jobs.create(
    model=model,
    training_file=pairs,
    method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 1, "batch_size": 6}}},
    extra_body={"reft4j": short},
)
asked = file("asked.jsonl", [{"messages": [question(i)], "answer": str(i + 1)} for i in range(8)])
valid = file("valid.jsonl", [{"messages": [question(i)], "answer": str(i + 1)} for i in range(20, 24)])


def reinforced(grader, steps):
    return client.fine_tuning.jobs.create(
        model=model,
        training_file=asked,
        validation_file=valid,
        method={
            "type": "reinforcement",
            "reinforcement": {
                "grader": grader,
                "hyperparameters": {"batch_size": 4, "eval_interval": 1, "compute_multiplier": 0.5},
            },
        },
        extra_body={"reft4j": {"steps": steps, "rollout.max-total-tokens": 60, "rollout.max-prompt-tokens": 50}},
    )


first, second = reinforced(python, 2), reinforced(multi, 2)
assert second.method.reinforcement is not None
long = reinforced(python, 100000)
tuned = succeeded(supervised)
assert tuned.fine_tuned_model.startswith(f"ft:{model}:"), tuned
assert tuned.trained_tokens > 0 and tuned.hyperparameters.n_epochs == 2
succeeded(dpo)
rewarded = succeeded(first)
succeeded(second)
figures = [each.data for each in client.fine_tuning.jobs.list_events(first.id) if each.type == "metrics"]
assert all("train_mean_reward" in each or each["step"] == 0 for each in figures), figures
assert supervised.id in [job.id for job in client.fine_tuning.jobs.list(metadata={"by": "python"})]
assert len(list(client.fine_tuning.jobs.list(limit=2))) >= 5  # page by page
while client.fine_tuning.jobs.retrieve(long.id).status != "running":
    time.sleep(0.2)
assert client.fine_tuning.jobs.pause(long.id).status in ("paused", "running")
while client.fine_tuning.jobs.retrieve(long.id).status != "paused":
    time.sleep(0.2)
assert client.fine_tuning.jobs.resume(long.id).status in ("queued", "running")
assert client.fine_tuning.jobs.cancel(long.id).status == "cancelled"
try:
    client.fine_tuning.jobs.cancel(long.id)
    raise AssertionError("cancelled twice")
except openai.BadRequestError as e:
    assert long.id in e.message, e

# Chat with what was made.
for name in (model, tuned.fine_tuned_model, rewarded.fine_tuned_model):
    reply = client.chat.completions.create(model=name, messages=[question(3)], max_completion_tokens=8, seed=1)
    assert reply.choices[0].message.role == "assistant" and reply.usage.completion_tokens <= 8
stream = client.chat.completions.create(
    model=model, messages=[question(3)], max_completion_tokens=8, seed=1, stream=True, stream_options={"include_usage": True}
)
chunks = list(stream)
text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
whole = client.chat.completions.create(model=model, messages=[question(3)], max_completion_tokens=8, seed=1)
assert text == (whole.choices[0].message.content or ""), (text, whole)
assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
schema = {
    "type": "object",
    "properties": {"answer": {"type": "integer", "minimum": 0, "maximum": 9}},
    "required": ["answer"],
    "additionalProperties": False,
}
held = client.chat.completions.create(
    model=model,
    messages=[question(3)],
    max_completion_tokens=60,
    response_format={"type": "json_schema", "json_schema": {"name": "sum", "schema": schema, "strict": True}},
)
assert 0 <= json.loads(held.choices[0].message.content)["answer"] <= 9, held
tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
called = client.chat.completions.create(model=model, messages=[question(3)], max_completion_tokens=8, tools=[tool])
assert called.choices[0].finish_reason in ("stop", "length", "tool_calls"), called
scored = client.chat.completions.create(
    model=model, messages=[question(3)], max_completion_tokens=4, logprobs=True, top_logprobs=2, n=2
)
assert len(scored.choices) == 2 and len(scored.choices[0].logprobs.content[0].top_logprobs) == 2
plain = client.completions.create(model=model, prompt="1 plus 1?", max_tokens=4, logprobs=1)
assert plain.object == "text_completion" and plain.choices[0].logprobs is not None
try:
    client.chat.completions.create(model="gpt-9", messages=[question(3)])
    raise AssertionError("an unknown model answers")
except openai.NotFoundError as e:
    assert e.code == "model_not_found", e
assert model in [each.id for each in client.models.list()]
assert client.models.delete(tuned.fine_tuned_model).deleted
print("ok", openai.__version__)
