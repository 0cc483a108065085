package dev.strongroom.ops;

import picocli.CommandLine;

/** The tree of commands: the table of contents of this package. */
final class Commands {
    private Commands() {}

    static void addTo(CommandLine root, Session session) {
        CommandLine model =
                Group.add(
                        root,
                        "model",
                        "Push models and look at what the vault holds.",
                        new ModelPush(session),
                        new ModelList(session),
                        new ModelShow(session),
                        new ModelVerify(session));
        Group.add(
                model,
                "alias",
                "Names for versions that nodes and callers go by, such as production.",
                new AliasSet(session),
                new AliasList(session),
                new AliasRemove(session));
        Group.add(
                root,
                "policy",
                "Write, sign and show the policies of a model.",
                new PolicyNew(session),
                new PolicyNewOutput(session),
                new PolicySet(session),
                new PolicyShow(session),
                new PolicyHistory(session),
                new PolicyExplain(session),
                new PolicyDiff(session));
        CommandLine evidence =
                Group.add(
                        root,
                        "evidence",
                        "Look at attestation evidence, offline, and at what vaults concluded from it.",
                        new EvidenceInspect(session),
                        new EvidenceVerify(session));
        Group.add(
                evidence,
                "token",
                "A vault's signed word about a node, for those who rely on it.",
                new TokenGet(session),
                new TokenVerify(session));
        root.addSubcommand(new Infer(session));
        root.addSubcommand(new Generate(session));
        Group.add(root, "receipt", "Look at signed answers.", new ReceiptVerify(session));
        root.addSubcommand(new Trace(session));
        Group.add(
                root,
                "image",
                "Build and measure the node's image.",
                new ImageBuild(session),
                new ImageMeasure(session));
        Group.add(
                root,
                "keys",
                "Make, rotate, destroy and look at a tenant's keys.",
                new KeysList(session),
                new KeysRotate(session),
                new KeysPause(session),
                new KeysResume(session),
                new KeysRetire(session),
                new KeysDestroy(session),
                new KeysStatus(session),
                new KeysCeremony(session),
                new KeysExportPublic(session),
                new KeysRecoverToken(session));
        Group.add(
                root,
                "backup",
                "Copy the vault's database (operators).",
                new BackupCreate(session),
                new BackupList(session));
        Group.add(root, "tenant", "Manage tenants (operators).", new TenantCreate(session));
        Group.add(
                root,
                "identity",
                "Manage identities (operators).",
                new IdentityCreate(session),
                new IdentityList(session),
                new IdentityWithdraw(session));
        Group.add(
                root,
                "revoke",
                "End nodes' leases at once, and refuse further ones.",
                new Revoke.Node(session),
                new Revoke.Model(session),
                new Revoke.Version(session),
                new Revoke.Measurement(session),
                new Revoke.Chip(session),
                new Revoke.Policy(session),
                new RevokeList(session),
                new RevokeLift(session));
        Group.add(
                root,
                "decoys",
                "Plant what nobody has a reason to touch, and see who did (operators).",
                new DecoysPlant(session),
                new DecoysList(session),
                new DecoysRemove(session),
                new DecoysQuarantines(session),
                new DecoysLift(session));
        Group.add(
                root,
                "guard",
                "Hold callers back at once; `guard calibrate --help`: teach a guard.",
                new GuardTighten(session),
                new GuardLoosen(session),
                new GuardList(session));
        Group.add(
                root,
                "agent",
                "Tell your agent what it releases no more; `agent --help`: run one.",
                new AgentRevoke(session));
        Group.add(root, "owner", "Manage the owner root key.", new OwnerInit(session));
        Group.add(root, "approver", "Manage an approver's key.", new ApproverInit(session));
        Group.add(
                root,
                "approvals",
                "Agree to what one person alone may not do.",
                new ApprovalsList(session),
                new ApprovalsShow(session),
                new ApprovalsRequest(session),
                new ApprovalsApprove(session),
                new ApprovalsReject(session));
        Group.add(
                root,
                "audit",
                "Read and check the vault's log.",
                new AuditList(session),
                new AuditVerify(session));
        root.addSubcommand(new DoctorCommand(session));
        root.addSubcommand(new VersionCommand(session));
    }
}
