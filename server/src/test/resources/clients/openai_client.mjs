// OpenAI's own client for Node against a server: OPENAI_BASE_URL and OPENAI_API_KEY name it; the arguments are the package's folder and a model.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [folder, model] = process.argv.slice(2);
const { OpenAI, toFile } = createRequire(folder + '/')('openai');
const client = new OpenAI({ maxRetries: 0, timeout: 120_000 });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const question = (i) => ({ role: 'user', content: `${i} plus 1?` });
const answer = (text) => [{ role: 'assistant', content: text }];
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

async function file(name, rows) {
  const lines = rows.map((row) => JSON.stringify(row) + '\n').join('');
  const made = await client.files.create({ file: await toFile(Buffer.from(lines), name), purpose: 'fine-tune' });
  assert.equal((await client.files.waitForProcessing(made.id)).status, 'processed');
  return made.id;
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

async function refused(status, call) {
  const error = await call.then(() => assert.fail('not refused'), (failure) => failure);
  assert.equal(error.status, status, error);
  return error;
}

async function succeeded(job) {
  while (!['succeeded', 'failed', 'cancelled'].includes(job.status)) {
    await pause(200);
    job = await client.fineTuning.jobs.retrieve(job.id);
  }
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error));
  const events = await all(client.fineTuning.jobs.listEvents(job.id, { limit: 5 }));
  assert.equal(events[0].message, 'The job has successfully completed');
  assert.equal(new Set(events.map((event) => event.id)).size, events.length);
  const checkpoints = await all(client.fineTuning.jobs.checkpoints.list(job.id, { limit: 1 }));
  assert.ok(checkpoints.length > 0);
  assert.ok((await (await client.files.content(job.result_files[0])).text()).startsWith('step,'));
  assert.equal((await client.models.retrieve(job.fine_tuned_model)).id, job.fine_tuned_model);
  return job;
}

// Files.
const train = await file('train.jsonl', range(0, 12).map((i) => ({ messages: [question(i), ...answer(`${i + 1}`)] })));
assert.equal((await client.files.retrieve(train)).filename, 'train.jsonl');
assert.ok((await all(client.files.list({ limit: 1 }))).some((each) => each.id === train));
assert.ok((await (await client.files.content(train)).text()).startsWith('{"messages"'));
const gone = await file('gone.jsonl', [{ messages: [question(1), ...answer('2')] }]);
assert.ok((await client.files.delete(gone)).deleted);
assert.equal((await refused(404, client.files.retrieve(gone))).param, 'id');

// Graders.
const python = {
  type: 'python',
  name: 'letters',
  source: "def grade(sample, item):\n    return min(1.0, len(sample['output_text']) / 40)\n",
};
const multi = {
  type: 'multi',
  name: 'both',
  graders: {
    equal: { type: 'string_check', name: 'equal', input: '{{sample.output_text}}', reference: '{{item.answer}}', operation: 'eq' },
    close: {
      type: 'text_similarity',
      name: 'close',
      input: '{{sample.output_text}}',
      reference: '{{item.answer}}',
      evaluation_metric: 'fuzzy_match',
    },
  },
  calculate_output: '0.5 * equal + 0.5 * close',
};
assert.ok((await client.fineTuning.alpha.graders.validate({ grader: python })).grader);
const run = await client.fineTuning.alpha.graders.run({ grader: multi, item: { answer: '42' }, model_sample: '42' });
assert.equal(run.reward, 1);
assert.deepEqual(run.sub_rewards, { equal: 1, close: 1 });

// Jobs of each method.
const short = { 'evaluate.max-total-tokens': 60 };
const supervised = await client.fineTuning.jobs.create({
  model,
  training_file: train,
  suffix: 'node',
  seed: 7,
  metadata: { by: 'node' },
  method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2, batch_size: 6 } } },
  reft4j: short,
});
assert.equal(supervised.status, 'validating_files');
const pairs = await file(
  'pairs.jsonl',
  range(0, 12).map((i) => ({
    input: { messages: [question(i)] },
    preferred_output: answer(`good ${i}`),
    non_preferred_output: answer(`bad ${i}`),
  })),
);
const dpo = await client.fineTuning.jobs.create({
  model,
  training_file: pairs,
  method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.2, n_epochs: 1, batch_size: 6 } } },
  reft4j: short,
});
const row = (i) => ({ messages: [question(i)], answer: `${i + 1}` });
const asked = await file('asked.jsonl', range(0, 8).map(row));
const valid = await file('valid.jsonl', range(20, 24).map(row));
const reinforced = (grader, steps) =>
  client.fineTuning.jobs.create({
    model,
    training_file: asked,
    validation_file: valid,
    method: {
      type: 'reinforcement',
      reinforcement: { grader, hyperparameters: { batch_size: 4, eval_interval: 1, compute_multiplier: 0.5 } },
    },
    reft4j: { steps, 'rollout.max-total-tokens': 60, 'rollout.max-prompt-tokens': 50 },
  });
const first = await reinforced(multi, 2);
const long = await reinforced(python, 100_000);
const tuned = await succeeded(supervised);
assert.ok(tuned.fine_tuned_model.startsWith(`ft:${model}:`));
await succeeded(dpo);
await succeeded(first);
assert.ok((await all(client.fineTuning.jobs.list({ metadata: { by: 'node' } }))).some((job) => job.id === supervised.id));
while ((await client.fineTuning.jobs.retrieve(long.id)).status !== 'running') await pause(200);
await client.fineTuning.jobs.pause(long.id);
while ((await client.fineTuning.jobs.retrieve(long.id)).status !== 'paused') await pause(200);
await client.fineTuning.jobs.resume(long.id);
assert.equal((await client.fineTuning.jobs.cancel(long.id)).status, 'cancelled');
await refused(400, client.fineTuning.jobs.cancel(long.id));

// Chat with what was made.
for (const name of [model, tuned.fine_tuned_model]) {
  const reply = await client.chat.completions.create({ model: name, messages: [question(3)], max_completion_tokens: 8, seed: 1 });
  assert.equal(reply.choices[0].message.role, 'assistant');
}
const ask = { model, messages: [question(3)], max_completion_tokens: 8, seed: 1 };
let text = '';
for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) {
  text += chunk.choices[0]?.delta?.content ?? '';
}
assert.equal(text, (await client.chat.completions.create(ask)).choices[0].message.content ?? '');
const streamed = await client.chat.completions.stream(ask).finalChatCompletion();
assert.equal(streamed.choices[0].message.content ?? '', text);
const schema = {
  type: 'object',
  properties: { answer: { type: 'integer', minimum: 0, maximum: 9 } },
  required: ['answer'],
  additionalProperties: false,
};
const held = await client.chat.completions.create({
  ...ask,
  max_completion_tokens: 60,
  response_format: { type: 'json_schema', json_schema: { name: 'sum', schema, strict: true } },
});
const number = JSON.parse(held.choices[0].message.content).answer;
assert.ok(number >= 0 && number <= 9);
const tool = { type: 'function', function: { name: 'add', parameters: { type: 'object', properties: {} } } };
const called = await client.chat.completions.create({ ...ask, tools: [tool] });
assert.ok(['stop', 'length', 'tool_calls'].includes(called.choices[0].finish_reason));
assert.equal((await refused(404, client.chat.completions.create({ ...ask, model: 'gpt-9' }))).code, 'model_not_found');
assert.ok((await all(client.models.list())).some((each) => each.id === model));
assert.ok((await client.models.delete(tuned.fine_tuned_model)).deleted);
console.log('ok', JSON.parse(readFileSync(folder + '/node_modules/openai/package.json', 'utf8')).version);
