//! How bodies are read, and how much of them.

/// Limits and dialect of the body processors. The directives of the rules set most of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodySettings {
    /// `SecArgumentSeparator`: between the pairs of a query or form.
    pub argument_separator: u8,
    /// `SecArgumentsLimit`: pairs of query and body together. What is beyond is not read, and that is an error of
    /// the body.
    pub arguments_max: usize,
    /// `SecRequestBodyLimit`: longer bodies are an error of the body.
    pub body_bytes_max: usize,
    /// `SecRequestBodyNoFilesLimit`: the same for what is not the content of an uploaded file.
    pub body_without_files_bytes_max: usize,
    /// `SecRequestBodyJsonDepthLimit`: arrays and objects open at once; at most 1,000. XML elements likewise.
    pub depth_max: u32,
    /// Bytes of names and values that one body may become: long paths of nested names multiply it.
    pub decoded_bytes_max: usize,
    /// Parts of a multipart body.
    pub parts_max: usize,
    /// `SecUploadFileLimit`: files of a multipart body.
    pub files_max: usize,
    /// `SecResponseBodyLimit`: what is beyond is not looked at.
    pub response_body_bytes_max: usize,
    pub json_names: JsonNames,
}

/// How the arguments of a JSON body are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum JsonNames {
    /// `json.items.array_0.x`, as ModSecurity 3 does.
    #[default]
    Marked,
    /// `json.items.0.x`.
    Plain,
}

impl Default for BodySettings {
    /// What ModSecurity's recommended configuration sets.
    fn default() -> Self {
        Self {
            argument_separator: b'&',
            arguments_max: 1_000,
            body_bytes_max: 13_107_200,
            body_without_files_bytes_max: 131_072,
            depth_max: 512,
            decoded_bytes_max: 1 << 20,
            parts_max: 1_000,
            files_max: 100,
            response_body_bytes_max: 524_288,
            json_names: JsonNames::default(),
        }
    }
}
