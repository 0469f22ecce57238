"""Runs tinker-cookbook's sl_loop.py and rl_loop.py, unchanged, against a fresh `reft serve`.

    python loops.py --reft ./reft --folder FOLDER

needs tinker and tinker-cookbook beside it. Nothing comes from the network: the loops run in FOLDER, where the names that they ask the
hub for (HuggingFaceH4/no_robots, openai/gsm8k, Qwen/Qwen3-8B) are folders, which datasets and transformers prefer to the hub's. The
model is a tiny one, trained here for some seconds until it writes \\boxed{1}, \\boxed{2} or \\boxed{3} by chance.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time
import urllib.request

MODEL = "Qwen/Qwen3-8B"
ANSWERS = ("1", "2", "3")
RIGHT = "2"


def questions(count, seed):
    draw = random.Random(seed)
    things = ("apples", "books", "coins", "birds")
    return [f"Ann has {draw.randint(1, 9)} {draw.choice(things)}. How many?" for _ in range(count)]


def write_datasets(folder):
    robots = folder / "HuggingFaceH4" / "no_robots"
    robots.mkdir(parents=True)
    with open(robots / "train.jsonl", "w") as out:
        for question in questions(96, 1):
            messages = [
                {"role": "user", "content": question},
                {"role": "assistant", "content": f"It is \\boxed{{{RIGHT}}}"},
            ]
            out.write(json.dumps({"messages": messages}) + "\n")
    gsm8k = folder / "openai" / "gsm8k"
    (gsm8k / "main").mkdir(parents=True)
    (gsm8k / "README.md").write_text(
        "---\nconfigs:\n- config_name: main\n  data_files:\n  - split: train\n    path: main/train.jsonl\n---\n"
    )
    with open(gsm8k / "main" / "train.jsonl", "w") as out:
        for question in questions(96, 2):
            out.write(json.dumps({"question": question, "answer": f"So #### {RIGHT}"}) + "\n")


def write_model(folder):
    import torch
    import transformers
    from tinker_cookbook import renderers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    # Conversations of about the form that rl_loop asks in: an example, a question, what to put into a box.
    suffix = " Provide a numerical answer without units, written inside \\boxed{}."
    example = [
        {"role": "user", "content": "How many r's are in strawberry?" + suffix},
        {"role": "assistant", "content": "Let's spell the word out and number all the letters. \\boxed{3}"},
    ]
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    texts = [turn["content"] for turn in example] + questions(200, 4) + ["user assistant\n It is \\boxed{1}"]
    tokenizer.train_from_iterator(texts * 3, trainer)
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    renderer = renderers.get_renderer("qwen3", fast)
    torch.manual_seed(1)
    torch.set_num_threads(2)
    config = transformers.Qwen3Config(
        vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=1024, tie_word_embeddings=True,
        eos_token_id=fast.eos_token_id, pad_token_id=fast.pad_token_id, bos_token_id=None,
    )
    model = transformers.Qwen3ForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    draw = random.Random(3)
    for step in range(200):
        rows, labels = [], []
        for question in questions(16, 1000 + step):
            turns = (example if draw.random() < 0.7 else []) + [{"role": "user", "content": question + suffix}]
            prompt = renderer.build_generation_prompt(turns).to_ints()
            answer = fast.encode(f"\\boxed{{{draw.choice(ANSWERS)}}}<|im_end|>")
            rows.append(prompt + answer)
            labels.append([-100] * len(prompt) + answer)
        width = max(map(len, rows))
        ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        wanted = torch.tensor([row + [-100] * (width - len(row)) for row in labels])
        loss = model(input_ids=ids, labels=wanted).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(f"the tiny model's loss is {loss.item():.3f}")
    model.save_pretrained(folder / MODEL)
    fast.save_pretrained(folder / MODEL)


def start_server(reft, folder):
    data = folder / "data"
    data.mkdir()
    (data / "server.yaml").write_text(f"port: 0\nmodels:\n  {MODEL}: {folder / MODEL}\n")
    log = open(folder / "server.log", "w")
    server = subprocess.Popen([reft, "serve", "--data", str(data)], stdout=log, stderr=log, start_new_session=True)
    deadline = time.time() + 120
    while time.time() < deadline:
        for word in (folder / "server.log").read_text().split():
            if word.startswith("http://127.0.0.1:"):
                url = "http://" + word.removeprefix("http://").split("/")[0].rstrip(".,")
                try:
                    urllib.request.urlopen(url + "/api/v1/healthz", timeout=5)
                    return server, url
                except OSError:
                    pass
        if server.poll() is not None:
            break
        time.sleep(0.3)
    sys.exit("the server did not start:\n" + (folder / "server.log").read_text())


def run_loop(name, folder, url, log, **settings):
    environment = dict(
        os.environ, HF_HUB_OFFLINE="1", HF_HOME=str(folder / "hf"), TOKENIZERS_PARALLELISM="false",
        TINKER_API_KEY=os.environ.get("TINKER_API_KEY", "tml-any"), TINKER_TELEMETRY="0",
    )
    given = dict(base_url=url, log_path=str(folder / log), model_name=MODEL, **settings)
    command = [sys.executable, "-m", f"tinker_cookbook.recipes.{name}", *(f"{k}={v}" for k, v in given.items())]
    print("$", " ".join(command), flush=True)
    started = time.time()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    (folder / f"{log}.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n" + (done.stdout + done.stderr)[-4000:])
    metrics = [json.loads(line) for line in (folder / log / "metrics.jsonl").read_text().splitlines()]
    print(f"{name}: {len(metrics)} steps in {time.time() - started:.0f} s")
    return metrics


def losses():
    """Losses of rl_loop. The default of newer ones, stable_reinforce, has no published formula; older ones have no choice."""
    from tinker_cookbook.recipes import rl_loop

    chosen = "loss_fn" in rl_loop.Config.__annotations__
    return ("importance_sampling", "cispo", "gspo") if chosen else ("its own",)


def require(right, what):
    print(("ok    " if right else "FAILED"), what)
    if not right:
        sys.exit(1)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--reft", required=True)
    arguments.add_argument("--folder", required=True)
    given = arguments.parse_args()
    folder = pathlib.Path(given.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    write_datasets(folder)
    write_model(folder)
    server, url = start_server(str(pathlib.Path(given.reft).resolve()), folder)
    try:
        small = dict(lora_rank=8, save_every=2)
        metrics = run_loop("sl_loop", folder, url, "sl", batch_size=8, learning_rate=5e-3, max_steps=6, **small)
        nll = [each["train_mean_nll"] for each in metrics]
        require(len(nll) == 6 and nll[-1] < nll[0] - 0.2, f"sl_loop learns: {nll[0]:.3f} to {nll[-1]:.3f} nats a token")
        for loss in losses():
            settings = dict(batch_size=4, group_size=8, max_tokens=12, learning_rate=2e-3, max_steps=10)
            if loss != "its own":
                settings["loss_fn"] = loss
            metrics = run_loop("rl_loop", folder, url, f"rl-{loss.replace(' ', '-')}", **settings, **small)
            reward = [each["reward/total"] for each in metrics]
            trained = [each for each in metrics if "grad_norm:mean" in each]
            require(len(reward) == 10 and len(trained) >= 5, f"rl_loop with {loss} takes steps: {len(trained)}")
            require(
                sum(reward[-3:]) > sum(reward[:3]), f"rl_loop with {loss} learns: {['%.2f' % each for each in reward]}"
            )
        metrics = run_loop("sl_loop", folder, url, "sl", batch_size=8, learning_rate=5e-3, **small)
        require(len(metrics) == 12, "sl_loop goes on from its last checkpoint")
    finally:
        server.terminate()
        server.wait(30)
    errors = [line for line in (folder / "server.log").read_text().splitlines() if "Exception" in line]
    require(not errors, f"the server's log has no exception {errors[:1]}")


main()
