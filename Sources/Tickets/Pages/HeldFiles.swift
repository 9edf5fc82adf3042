import Base
import Store
import Web

/// Files that came with a form which was not taken, or not yet: kept for a day and shown with a box that
/// keeps them, so that nobody chooses them a second time. A browser never fills a file field again.
enum HeldFiles {
    /// The field of the boxes: ids of staged files.
    static let field = "held"

    /// The form's fields with the files that came along, as if their boxes were ticked.
    static func fields(_ upload: Attachments.Upload) -> [(name: String, value: String)] {
        upload.fields + upload.files.map { (field, $0) }
    }

    /// Reads a form of either kind; files are staged.
    static func read(_ call: Call, _ kit: Kit, _ incoming: Incoming) async throws -> Call {
        var out = call
        switch call.content {
        case .form: return call
        case .refused(let failure): throw failure
        case .none, .json:
            let upload = try await Attachments.stage(call, kit, incoming)
            try Forms.check(upload.fields, call)
            out.content = .form(fields(upload))
            return out
        }
    }

    /// Whether the form's page says the refusal, where that page can still be seen.
    static func isShownAgain(_ failure: Failure) -> Bool {
        switch failure.kind {
        case .invalid, .conflict, .preconditionFailed: true
        case .forbidden: failure.code != "forged"
        default: false
        }
    }

    /// A form that is worth reading only to show it again.
    static func isShort(_ call: Call) -> Bool {
        if case .form = call.content { return true }
        let type = (call.headers["content-type"] ?? "").lowercased()
        return type.hasPrefix("multipart/")
            && call.headers["content-length"].flatMap(Int.init) ?? .max <= 256 << 10
    }

    /// Ids of the files that go with the form. 422 where one was swept since: it is chosen again.
    static func chosen(_ call: Call, _ tx: Transaction) throws -> [String] {
        let asked = call.allTyped(field)
        guard !asked.isEmpty else { return [] }
        let here = try staged(asked, tx).map(\.id)
        guard Set(here) == Set(asked) else { throw Failure.invalid("file", "attachment.not_kept") }
        return here
    }

    /// What was chosen before, each with the box that keeps it.
    static func boxes(_ call: Call, _ tx: Transaction) throws -> HTML {
        let files = try staged(call.allTyped(field), tx)
        guard !files.isEmpty else { return "" }
        return """
            <fieldset class="held"><legend class="small muted">\(call.t("files.held"))</legend>\(files.html { file in
                """
                <label class="check"><input type="checkbox" name="\(field)" value="\(file.id)" checked>\
                <span>\(Icon.file)\(file.name) <small class="muted">\(size(file.size))</small></span></label>
                """
            })</fieldset>
            """
    }

    /// The button that opens the file chooser, in the page's language: the browser's own speaks its own.
    static func chooser(_ call: Call, id: String, labelledBy: String? = nil, small: Bool = false) -> HTML {
        let labels: HTML = labelledBy.map { " aria-labelledby=\"\($0) l-\(id)\"" } ?? ""
        return """
            <label class="btn\(small ? " btn-quiet btn-s" : "") file-pick"><span id="l-\(id)" class="file-pick-label">\(Icon.clip)\(call.t("files.choose"))</span>\
            <input id="\(id)" type="file" name="file" title="" multiple\(labels)></label>
            """
    }

    static func size(_ bytes: Int64) -> String {
        if bytes < 1000 { return "\(bytes) B" }
        if bytes < 1_000_000 { return "\((bytes + 500) / 1000) KB" }
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }

    /// Complete, the caller's own, and not yet tied to anything.
    private static func staged(_ ids: [String], _ tx: Transaction) throws -> [StoredAttachment] {
        guard !ids.isEmpty else { return [] }
        return try tx.rows(
            """
            select \(Attachments.columns) from attachment where id in \(list: Set(ids).sorted())
              and ticket_id is null and is_complete = 1 and created_by = \(tx.actor.id?.text ?? "") order by id
            """, Attachments.read)
    }
}
