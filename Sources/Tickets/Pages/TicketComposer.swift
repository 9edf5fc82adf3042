import Base
import Web

extension TicketPage {
    /// Replies and notes, at the end of the timeline. Two buttons for two readerships, of which only the
    /// chosen one shows; the first in the form is the one that nobody outside ever sees, so that nothing
    /// is sent to the customer by accident.
    var composer: HTML {
        let mayReply = isAllowed(.responses)
        let mayNote = isAllowed(.notes)
        guard mayReply || mayNote else { return "" }
        let form = Form(call)
        let isBack = call.failure != nil && (chosen == .responses || chosen == .notes)
        let isNote = !mayReply || isBack && chosen == .notes
        let typed = isBack ? call.typed("body") : nil
        return """
            <section id="compose" aria-label="\(t("compose"))">\(isBack ? form.summary : HTML())\
            \(form.open(path + (isNote ? "/notes" : "/responses"), class: "composer", multipart: true))\
            <div class="composer-head">\(readers(mayReply: mayReply, mayNote: mayNote, isNote: isNote))\
            <span class="muted small">\(hints(mayReply: mayReply, mayNote: mayNote))</span>\(channels(mayReply))</div>\
            <label class="vh" for="f-body">\(t("compose.text"))</label>\
            <textarea class="textarea" id="f-body" name="body" rows="4" required placeholder="\(t(isPortal ? "portal.compose.write" : "compose.write"))">\(typed)</textarea>\(isBack ? heldFiles : HTML())\
            <div class="composer-foot">\(HeldFiles.chooser(call, id: "f-file", small: true))\
            <span class="muted tiny row-end" data-draft-hint="" role="status"></span>\
            \(buttons(mayReply: mayReply, mayNote: mayNote))</div></form></section>
            """
    }

    private func readers(mayReply: Bool, mayNote: Bool, isNote: Bool) -> HTML {
        guard mayReply, mayNote else {
            return mayReply
                ? "<strong>\(t(isPortal ? "portal.compose.title" : "compose.reply"))</strong>"
                : "<span class=\"tag tag-internal\">\(Icon.lock)\(t("compose.note"))</span>"
        }
        return """
            <fieldset class="segments"><legend class="vh">\(t("compose.readers"))</legend>\
            <label><input type="radio" name="readers" value="public"\(HTML.when(!isNote, " checked"))><span>\(Icon.message)\(t("compose.reply"))</span></label>\
            <label><input class="is-internal" type="radio" name="readers" value="internal"\(HTML.when(isNote, " checked"))><span>\(Icon.lock)\(t("compose.note"))</span></label></fieldset>
            """
    }

    private func hints(mayReply: Bool, mayNote: Bool) -> HTML {
        if isPortal { return "" }
        let who = names.person(ticket.requester) ?? ticket.requesterName ?? call.t("role.customer")
        let toCustomer: HTML = "<span class=\"when-public\">\(t("compose.to", ["who": who]))</span>"
        let inside: HTML = "<span class=\"when-internal\">\(t("compose.inside"))</span>"
        if !mayReply { return "\(t("compose.inside"))" }
        return mayNote ? toCustomer + inside : toCustomer
    }

    /// A call or a letter is recorded by its channel.
    private func channels(_ mayReply: Bool) -> HTML {
        guard mayReply, !isPortal else { return "" }
        return """
            <span class="row-end when-public"><label class="vh" for="f-channel">\(t("compose.channel"))</label>\
            <select class="select" id="f-channel" name="channel">\(Channel.allCases.html { channel in
                "<option value=\"\(channel.rawValue)\"\(HTML.when(channel == .web, " selected"))>\(call.t(channel.nameKey))</option>"
            })</select></span>
            """
    }

    private func buttons(mayReply: Bool, mayNote: Bool) -> HTML {
        var h: HTML = ""
        if mayNote {
            h += """
                <button class="btn btn-primary\(mayReply ? " when-internal" : "")" type="submit" formaction="\(path)/notes">\(t("compose.save"))<kbd>Ctrl ↵</kbd></button>
                """
        }
        if mayReply {
            h += """
                <button class="btn btn-primary\(mayNote ? " when-public" : "")" type="submit" formaction="\(path)/responses">\(t(isPortal ? "portal.compose.send" : "compose.send"))<kbd>Ctrl ↵</kbd></button>
                """
        }
        return h
    }
}
