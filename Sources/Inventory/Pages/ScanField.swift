import Web

/// A field into which a part, a serial number or a place is scanned or typed: with the camera where the
/// browser can read codes. Its page needs `scan.js`.
public enum ScanField {
    /// - Parameters:
    ///   - beside: what stands in its row, such as a quantity and a button
    ///   - below: what is said of it under the row
    public static func html(
        _ call: Call, _ name: String, _ label: String, value: String? = nil, placeholder: String? = nil,
        required: Bool = false, hasFocus: Bool = false, list: String? = nil, beside: HTML = "",
        below: HTML = ""
    ) -> HTML {
        let fault = call.fault(name)
        var attributes: HTML = list.map { " list=\"\($0)\"" } ?? ""
        if required { attributes += " required" }
        if fault != nil { attributes += " aria-invalid=\"true\" aria-describedby=\"e-\(name)\"" }
        if hasFocus { attributes += " autofocus" }
        return """
            <div class="field\(fault == nil ? "" : " field-error")"><label for="f-\(name)">\(label)</label>\
            \(fault.map { "<p class=\"error\" id=\"e-\(name)\">\(Icon.alert)<span>\($0)</span></p>" } ?? "" as HTML)\
            <div class="scan"><input class="input sn" id="f-\(name)" name="\(name)" value="\(call.typed(name) ?? value)" autocomplete="off" spellcheck="false" \
            placeholder="\(placeholder ?? call.t("stock.scan.hint"))" data-scan\(attributes)>\(beside)\
            <button class="btn btn-icon btn-l" type="button" data-camera hidden aria-label="\(call.t("stock.scan.camera"))">\(Icon.scan.large)</button></div>\
            <video class="scan-view" data-camera-view hidden muted playsinline></video>\(below)</div>
            """
    }
}
