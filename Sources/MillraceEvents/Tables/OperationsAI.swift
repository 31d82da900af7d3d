/// What the operations of Copilot and of other AI applications mean (record types 261, 284, 310
/// to 334, 362, 363 and 384).
enum AIOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("copilotinteraction", .ai, "ai.interact", .execute),
    .init("aiappinteraction", .ai, "ai.interact", .execute),
    .init("connectedaiappinteraction", .ai, "ai.interact", .execute),
    .init("teamcopilotinteraction", .ai, "ai.interact", .execute),
    .init("createcopilotplugin", .ai, "ai.plugin.create", .create),
    .init("updatecopilotplugin", .ai, "ai.plugin.update", .update),
    .init("deletecopilotplugin", .ai, "ai.plugin.delete", .delete),
    .init("enablecopilotplugin", .ai, "ai.plugin.enable", .enable),
    .init("disablecopilotplugin", .ai, "ai.plugin.disable", .disable),
    .init("createcopilotworkspace", .ai, "ai.workspace.create", .create),
    .init("updatecopilotworkspace", .ai, "ai.workspace.update", .update),
    .init("deletecopilotworkspace", .ai, "ai.workspace.delete", .delete),
    .init("enablecopilotworkspace", .ai, "ai.workspace.enable", .enable),
    .init("disablecopilotworkspace", .ai, "ai.workspace.disable", .disable),
    .init("createcopilotpromptbook", .ai, "ai.promptbook.create", .create),
    .init("updatecopilotpromptbook", .ai, "ai.promptbook.update", .update),
    .init("deletecopilotpromptbook", .ai, "ai.promptbook.delete", .delete),
    .init("enablecopilotpromptbook", .ai, "ai.promptbook.enable", .enable),
    .init("disablecopilotpromptbook", .ai, "ai.promptbook.disable", .disable),
    .init("updatecopilotsettings", .ai, "ai.setting.update", .update),
    .init("updatetenantcopilotsettings", .ai, "ai.setting.update", .update),
    .init("copilotagentmanagement", .ai, "ai.setting.update", .update),
    .init("copilotforsecuritytriggered", .ai, "ai.interact", .execute),
    .init("copilotscheduledpromptcreated", .ai, "ai.schedule", .create),
    .init("copilotscheduledprompt", .ai, "ai.schedule", .create),
    .init("copilotpromptsandresponsesexported", .ai, "ai.export", .export),
    .init("exportcopilotinteractions", .ai, "ai.export", .export),
  ]
}
