import { EXIT, type ExitCode } from "#src/cli/exit-code.ts";

// What to do next about a failure, by its code, and the exit code that it leads to. docs/errors.md says the same at length.
// A code that is not here is one that no command expects: a defect.

export interface Advice {
  readonly exit: ExitCode;
  /** The next thing to do, as a sentence without its full stop. */
  readonly next?: string;
}

const usage = (next: string): Advice => ({ exit: EXIT.usage, next });
const store = (next: string): Advice => ({ exit: EXIT.store, next });

const RESTORE = "run `planwright doctor` to see what is damaged, then restore the folder from a copy";

const RESTORE_BLOBS = "restore the store's folder `blobs` from a copy, or, with NATS, its bucket of blobs";

const MEND_PLAN = "mend the plan; `planwright validate FILE` shows what is wrong";
const ANOTHER_VERSION = "the process that holds the store is another version: use its own command line";
const ANOTHER_DOOR = "ask from the machine and by the name that it serves, with a token where it wants one";

const ADVICE: Readonly<Record<string, Advice>> = {
  "plan-file-unreadable": usage("check the path, and that you may read it"),
  "requirements-unreadable": usage("check the path after --requirements, and that you may read it"),
  "assessment-unreadable": usage("name a file that `planwright assess DIR --requirements FILE --json` printed"),
  "out-unwritable": usage("check the path after --out, and that you may write it"),
  "config-unreadable": usage("check the path, and that you may read it"),
  "config-twice": usage("keep one of them, or name one by --config FILE"),
  "plans-unreadable": usage("mend the entry of `plans` in the configuration"),
  "plan-twice": usage("give one of them another `version`, or another name"),
  "too-many-plan-files": usage("name fewer directories in `plans`, or the files themselves"),
  "plan-too-large": usage("split the plan, or let a step read its data from a file"),
  "unknown-template": usage("`planwright template list` lists what there is, and what is wrong with files"),
  "bad-template-name": usage("use a name such as release_notes"),
  "template-exists": usage("use another name, or remove the file"),
  "report-unwritable": usage("name a file that you may write to by --out FILE"),
  "template-unwritable": usage("name a folder that you may write to by --out DIR"),
  "offer-unknown": usage("`planwright template offered` shows the ids there are"),
  "examples-unreadable": usage("check the path, and that you may read it"),
  "examples-malformed": usage('each line is one JSON object: {"request": "…", "tools": ["…"]}'),
  "examples-missing": usage('write one JSON object a line: {"request": "…", "tools": ["…"]}'),
  "planner-model-unreadable": usage("check the path; `planwright planner train FILE --out MODEL` makes one"),
  "planner-model-foreign": usage("name a file that `planwright planner train` wrote"),
  "planner-model-newer": usage("use the version that wrote it, or train it again by this one"),
  "planner-model-damaged": usage("train it again, or restore it from a copy"),
  "planner-model-unwritable": usage("name a file in a folder that is there and that you may write to"),
  "inputs-unreadable": usage("the file for --inputs is a JSON or YAML mapping of input names to values"),
  "bad-fault-kind": usage("name one of those, or leave --fault out for all of them"),
  "script-unreadable": usage("the file for --script is a JSON or YAML mapping of steps or tools to what they give"),
  "script-and-real": usage("leave one of them out"),
  "bad-input-option": usage("write --input name=value"),
  "plan-not-quarantined": usage("`planwright doctor` lists those that are"),
  "bad-answer": usage("look what the step did, then say so"),
  "store-missing": usage("go to the directory that you ran it in, or name the store by --store DIR"),
  "bad-output": usage("the output after --done is JSON, e.g. --done '{\"ok\": true}'"),
  "bad-revision": usage("`planwright history PLAN` shows the revisions there are"),
  "tool-module-missing": usage("--tools takes the path of a file, or the name of an installed package"),
  "plan-module-failed": usage("run the module by itself (`node FILE`) and mend what it throws"),
  "plan-module-empty": usage("export what definePlan gives: `export const plan = definePlan(…)`"),
  "plan-module-unclear": usage("export the plan that is meant as `plan`"),
  "tool-module-failed": usage("run the module by itself (`node FILE`) and mend what it throws"),
  "tool-module-empty": usage("export each tool by name, or a list `tools`, made by defineTool"),
  "tool-name-taken": usage("give each of your tools a name of its own"),
  "unknown-tool": usage("`planwright tools` lists what there is; add your own by --tools MODULE"),
  "not-a-change-plan": usage(
    "`planwright plan-changes` makes one; `planwright list --name changes` shows those there are",
  ),
  "plan-unknown": usage("`planwright list` shows the plans there are"),
  "plan-ambiguous": usage("write more of the id"),
  "unknown-step": usage("`planwright show PLAN` names the steps"),
  "outcome-known": usage("`planwright show PLAN` shows the state of each step"),
  "plan-ended": usage("`planwright show PLAN` shows how it ended"),
  "cyclic-plan": usage("remove one of the needs that are named"),
  "outside-root": usage(
    "name a --root that has it, for this command or for the process that serves; or give it a store of its own by --store DIR",
  ),
  "root-unusable": usage("--root takes a directory that you may read"),
  "plan-ending": usage("try again when that is done; `planwright watch PLAN` shows it"),
  "step-settled": usage("`planwright show PLAN` shows the state of each step"),
  "answer-empty": usage("write the answer behind the plan, or give values by --value NAME=VALUE"),
  "rest-wanted": usage(
    "`planwright retry PLAN` lets it run again; `planwright revise PLAN FILE` writes the rest by hand",
  ),
  "edition-outdated": usage("somebody else has revised it; look again by `planwright revise PLAN FILE --preview`"),
  "inputs-revised": usage("leave the inputs as they were; or start another plan"),
  "step-begun": usage("leave what has begun as it is; `planwright show PLAN` shows it"),
  "preview-too-large": usage("ask for a part: --from STEP or --to STEP"),
  "nothing-to-approve": usage("`planwright why PLAN` shows what it waits for"),
  "which-approval": usage("name one of the steps"),
  "changes-requested": usage("`planwright revise PLAN FILE`, or whoever asked says `planwright withdraw PLAN STEP`"),
  "too-many-comments": usage("read what was said by `planwright review PLAN`, and decide"),
  "too-many-reviews": usage("read what was said by `planwright review PLAN`, and decide"),
  "nothing-to-withdraw": usage("`planwright review PLAN` shows who has said what"),
  "note-missing": usage("say what should be different: --note TEXT"),
  "bad-comment": usage("a comment has 1 to 4,000 characters"),
  "approval-outdated": usage("look at the question again: `planwright approve PLAN STEP`"),
  "approval-decided": usage("`planwright history PLAN` shows who decided"),
  "approval-wanted": usage("`planwright approve PLAN STEP` or `planwright deny PLAN STEP` answers it"),
  "not-permitted": usage("somebody with the role has to answer; roles are in the configuration"),
  "bad-signal-name": usage("use a shorter name"),
  "too-many-signals": usage("let the plan take some first, or send them with a shorter --expires"),
  "irreversible-steps": usage("`planwright rollback PLAN --preview` names them; then say --accept-irreversible"),
  "not-confirmed": usage("answer with y, or say --yes where nobody can be asked"),
  "client-key-conflict": usage("use another --key, or what the plan began with"),
  "plan-refused": usage("mend the plan; `planwright validate FILE` shows what is wrong"),
  "invalid-input": usage("the command's --help says what it takes"),
  "tokens-needed": usage("declare `tokens` in the configuration, or serve on 127.0.0.1"),
  "address-unavailable": usage("choose another --port or --host"),
  "cursor-malformed": usage("take the cursor that the page before ended with"),
  "nothing-goes-on": usage("`planwright show PLAN` shows what there is to go on with"),
  "duplicate-step": usage(MEND_PLAN),
  "recursive-call": usage(MEND_PLAN),
  "too-deep": usage(MEND_PLAN),
  "unknown-need": usage(MEND_PLAN),
  "unknown-plan": usage(MEND_PLAN),
  "request-too-large": usage("split the plan, or let a step read its data from a file"),
  "mailbox-full": store("the plan has much to do at this moment; try again"),
  "actor-gone": store("try again"),
  "request-timeout": store("try again"),
  "headers-too-large": usage("name fewer or shorter things at once"),
  unauthenticated: usage(ANOTHER_DOOR),
  "foreign-origin": usage(ANOTHER_DOOR),
  "foreign-host": usage(ANOTHER_DOOR),
  "session-unknown": usage("begin another session by `initialize`"),
  "too-many-sessions": store("end sessions over MCP that nobody uses"),
  "malformed-request": store(ANOTHER_VERSION),
  "malformed-body": store(ANOTHER_VERSION),
  "no-such-operation": store(ANOTHER_VERSION),
  "method-not-allowed": store(ANOTHER_VERSION),
  "unsupported-media-type": store(ANOTHER_VERSION),
  "nobody-serves": store("start one by `planwright serve`, or run the plan here by `planwright run FILE`"),
  unreachable: store("the process that held the store has ended; `planwright resume` goes on"),
  "malformed-answer": store(ANOTHER_VERSION),
  stopping: store("the process that holds the store is just ending; try again"),
  "store-locked": store(
    "wait until it is done, or stop it; meanwhile `planwright submit` hands it a plan, and reading commands work",
  ),
  "store-read-only": store("make the folder writable, or choose another one by --store DIR"),
  "store-newer": store("use the newer Planwright that wrote it, or choose another folder by --store DIR"),
  "store-damaged": store(RESTORE),
  "store-full": store("free some space; what was acknowledged is safe, and `planwright resume` goes on"),
  "store-unavailable": store(
    "check the folder and its disk, or whether the server runs and its URL says `tls=false` rightly",
  ),
  "store-address-invalid": usage(
    "write it like kurrentdb://HOST:2113?tls=false; docs/eventstoredb.md lists what may follow",
  ),
  "store-credentials-unreadable": usage(
    "set PLANWRIGHT_STORE_PASSWORD, or name a file by PLANWRIGHT_STORE_PASSWORD_FILE",
  ),
  "store-access-denied": store("check PLANWRIGHT_STORE_USER and its password, and what the server lets that user do"),
  "store-client-missing": usage("npm install @kurrent/kurrentdb-client"),
  "model-package-missing": usage("install the packages that the message names"),
  "model-key-missing": usage("check the variable or file that the message names"),
  "nats-not-configured": usage(
    "add `nats: { servers: [nats://HOST:4222] }` to planwright.config.yaml, or name a file by --config",
  ),
  "nats-client-missing": usage("npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv"),
  "nats-address-invalid": usage("write it like nats://HOST:4222, without user and password"),
  "nats-credentials-invalid": usage("check the variable or file that the message names"),
  "nats-settings-differ": usage(
    "the message says what differs: edit it, or remove it where what it holds is not needed",
  ),
  "nats-server-too-old": usage("run a server of NATS 2.9 or later"),
  "nats-unavailable": store("check that the server runs, and its address in `nats`"),
  "nats-access-denied": store("check the credentials in `nats`, and what the server allows that user"),
  "nats-jetstream-missing": store("start the server with a `jetstream` block"),
  "nats-tls-failed": store("check `ca`, `cert` and `key` of `nats.tls`, and the name in the server's certificate"),
  "leases-unavailable": store("check that the server of NATS runs"),
  "not-owner": store("another coordinator owns the plan, or none does yet; try again"),
  "bad-position": usage("give the position of a fact as it was shown, or -1 for everything"),
  "append-unknown": store("check the disk, then run `planwright resume`"),
  "citations-unknown": store("`planwright doctor` shows what is wrong; sweep when that is mended"),
  "blob-missing": store(RESTORE_BLOBS),
  "blob-damaged": store(RESTORE_BLOBS),
  interrupted: { exit: EXIT.interrupted, next: "what was done stays; run the command again" },
  "plan-quarantined": {
    exit: EXIT.quarantined,
    next: "`planwright doctor` shows why; when the cause is gone: `planwright doctor --release PLAN`",
  },
  "plan-unreadable": {
    exit: EXIT.quarantined,
    next: "`planwright history PLAN --json` still shows its events; other plans are not affected",
  },
};

const DEFECT: Advice = {
  exit: EXIT.defect,
  next: "this is a defect of Planwright: please report it with the lines above",
};

export function adviceFor(code: string): Advice {
  // A code may come from another process, and then be any text.
  return (Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined) ?? DEFECT;
}
