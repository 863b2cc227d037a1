//! Single files and folders: what they hold, moving and replacing them, and
//! making that last.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use twox_hash::XxHash3_128;

use crate::beside;

/// What a file holds, in short: only equal bytes have equal digests, but for
/// those that somebody made to mislead. The same in every version.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(bytes))
}

/// The digest of a regular file; `None` when there is none.
pub(super) fn digest_of(path: &Path) -> Option<String> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    let bytes = is_file.then(|| fs::read(path).ok())??;
    Some(digest(&bytes))
}

/// Whether something is there, be it a link that leads nowhere.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Moves a file or folder to a path where nothing is.
///
/// # Errors
/// When something is there, or the disk fails.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Some kinds of disks cannot promise it; then looking must do.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            done => return Ok(done?),
        }
    }
    if exists(to) {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// Puts a file in the place of another one, at once.
///
/// # Errors
/// When the disk fails; then the other one is as it was.
pub(super) fn put(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let copied = copied(from, to)?.persist(to);
            copied.map_err(|error| error.error)?;
            fs::remove_file(from)
        }
        done => done,
    }
}

/// Puts a file where nothing is, at once.
///
/// # Errors
/// When something is there, or the disk fails.
pub(super) fn put_new(from: &Path, to: &Path) -> io::Result<()> {
    match move_new(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let copied = copied(from, to)?.persist_noclobber(to);
            copied.map_err(|error| error.error)?;
            fs::remove_file(from)
        }
        done => done,
    }
}

/// A copy of a file beside the place that it is to have on another disk.
fn copied(from: &Path, to: &Path) -> io::Result<NamedTempFile> {
    let folder = to.parent().ok_or(ErrorKind::NotFound)?;
    let mut new = beside::new(folder)?;
    new.write_all(&fs::read(from)?)?;
    let permissions = fs::metadata(from)?.permissions();
    new.as_file().set_permissions(permissions)?;
    new.as_file().sync_all()?;
    Ok(new)
}

/// Gives a file a second name, or a copy where the disk has no second names.
///
/// # Errors
/// When the disk fails.
pub(super) fn keep(file: &Path, copy: &Path) -> io::Result<()> {
    if fs::hard_link(file, copy).is_ok() {
        return Ok(());
    }
    fs::copy(file, copy)?;
    File::open(copy)?.sync_all()
}

/// From so many on, the whole disk is synced at once: to wait for each file takes
/// some milliseconds, and there may be thousands.
const MANY: usize = 64;

/// Makes what files hold last through a loss of power; they lie on the disk of the
/// folder `on`.
///
/// # Errors
/// When the disk fails.
pub(super) fn sync_files(on: &Path, files: &[PathBuf]) -> io::Result<()> {
    if files.len() >= MANY && sync_disk(on) {
        return Ok(());
    }
    files.iter().try_for_each(|file| {
        let file = OpenOptions::new().write(true).open(file)?;
        file.sync_all()
    })
}

/// Makes what was done to the names in folders last; see [`sync_folder`].
pub(super) fn sync_folders(on: &Path, folders: &BTreeSet<PathBuf>) {
    if folders.len() < MANY || !sync_disk(on) {
        for folder in folders {
            sync_folder(folder);
        }
    }
}

/// Syncs the disk of a folder, where the system can do that. Says whether it did.
fn sync_disk(on: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return File::open(on).is_ok_and(|folder| rustix::fs::syncfs(folder).is_ok());
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = on;
        false
    }
}

/// Makes what was done to the names in a folder last through a loss of power.
/// Where folders cannot be synced, as on Windows, that is left to the system.
pub(super) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
