# The peer's side of `bench/reft-step.yaml`: TRL's GRPOTrainer on the same model and questions, 32 completions of at most 64 tokens a
# step, two updates on each. Needs `pip install torch transformers trl datasets` in an environment of its own.
#
#   MODEL=folder DATA=svamp_python_sdp.json python bench/peers/trl_grpo.py
import json, os, resource, time
import torch
from datasets import Dataset
from transformers import AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

torch.set_num_threads(2)
model = os.environ["MODEL"]
tokenizer = AutoTokenizer.from_pretrained(model, padding_side="left")
rows = json.load(open(os.environ["DATA"]))[:64]
data = Dataset.from_list([{"prompt": f"Question:\n{row['question']}\nAnswer reasoning:\n"} for row in rows])


class Clock(TrainerCallback):
    def on_step_begin(self, *_, **__):
        self.begin = time.time()

    def on_step_end(self, args, state, control, **_):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"update {state.global_step}: {time.time() - self.begin:.1f} s, peak {peak:.1f} GiB", flush=True)


GRPOTrainer(
    model=model,
    processing_class=tokenizer,
    reward_funcs=lambda completions, **_: [float(len(set(text.split()))) for text in completions],
    train_dataset=data,
    callbacks=[Clock()],
    args=GRPOConfig(
        output_dir="/tmp/trl-grpo",
        use_cpu=True,
        bf16=False,
        per_device_train_batch_size=32,
        gradient_accumulation_steps=1,
        num_generations=4,
        num_iterations=2,
        max_completion_length=64,
        beta=0.05,
        learning_rate=1e-6,
        max_steps=2,
        report_to=[],
        save_strategy="no",
        gradient_checkpointing=False,
        disable_tqdm=True,
    ),
).train()
