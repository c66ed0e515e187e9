//! Uploaded files and the headers of multipart parts.

use super::Variable;
use crate::input::{Digits, Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let texts = &input.texts;
    if sink.variable == Variable::FilesCombinedSize {
        sink.scalar(texts.files_combined_size.as_bytes());
    }
    let Some(multipart) = &input.body.multipart else { return };
    let files = multipart.files.iter();
    match sink.variable {
        // The value is the name that the client gave the file, the key that of the field.
        Variable::Files | Variable::MultipartFilename => sink.members(multipart.file_names.iter()),
        Variable::FilesNames => sink.names(files.map(|file| (&*file.field, &*file.content))),
        Variable::FilesSizes => {
            sink.members(files.map(|file| &*file.field).zip(texts.file_sizes.iter().map(Digits::as_bytes)));
        }
        Variable::FilesTmpContent => sink.members(files.map(|file| (&*file.field, &*file.content))),
        Variable::MultipartName => sink.names(multipart.names.iter().map(|name| (&**name, &**name))),
        Variable::MultipartPartHeaders => sink.members(multipart.headers.iter()),
        _ => {}
    }
}
