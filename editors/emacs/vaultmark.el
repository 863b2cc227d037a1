;;; vaultmark.el --- Vaults of Markdown notes: links, tiers, renames  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1"))
;; Keywords: hypermedia, tools
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Starts the language server Vaultmark for Markdown notes by Eglot or lsp-mode,
;; whichever is there, and adds what these do not have: renames of notes in all
;; their tiers for Eglot, which lets no server move files.
;;
;;   (require 'vaultmark)
;;   (add-hook 'markdown-mode-hook #'eglot-ensure)   ; or #'lsp-deferred

;;; Code:

(require 'project)
(require 'subr-x)

(declare-function eglot-current-server "eglot")
(declare-function eglot--uri-to-path "eglot")
(declare-function jsonrpc-request "jsonrpc")
(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp-rename "lsp-mode")
(declare-function lsp--path-to-uri "lsp-mode")
(defvar eglot-server-programs)
(defvar lsp-language-id-configuration)

(defgroup vaultmark nil
  "Vaults of Markdown notes."
  :group 'text)

(defcustom vaultmark-command '("vaultmark" "lsp")
  "The command that starts the server."
  :type '(repeat string))

(defcustom vaultmark-modes '(markdown-mode gfm-mode markdown-ts-mode)
  "The modes whose buffers are notes."
  :type '(repeat symbol))

(defconst vaultmark-markers '(".vaultmark.toml" ".obsidian" "_Standards")
  "Files and folders, one of which is at the root of a vault.")

(defun vaultmark-root (folder)
  "The root of the vault around FOLDER, or nil."
  (locate-dominating-file
   folder
   (lambda (at)
     (seq-some (lambda (marker) (file-exists-p (expand-file-name marker at)))
               vaultmark-markers))))

(defun vaultmark--project (folder)
  "The vault around FOLDER as a project of `project.el'."
  (when-let ((root (vaultmark-root folder)))
    (cons 'transient root)))

;; Behind version control, so that a vault in a repository has its history.
(add-hook 'project-find-functions #'vaultmark--project 90)

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons vaultmark-modes (lambda (&rest _) vaultmark-command))))

(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () vaultmark-command))
    :major-modes vaultmark-modes
    :priority 1
    :server-id 'vaultmark)))

(defun vaultmark--eglot ()
  "The server that Eglot has for this buffer, or nil."
  (and (fboundp 'eglot-current-server) (eglot-current-server)))

(defun vaultmark-rename (name)
  "Give the note of this buffer NAME, in all its tiers; every link follows.
A name with `/' is a path, and one that ends with `/' a folder.  Under Eglot
the server moves the files itself, so all notes of the vault must be saved."
  (interactive
   (list (read-string "New name: " (and buffer-file-name (file-name-base buffer-file-name)))))
  (unless buffer-file-name
    (user-error "This buffer is no file"))
  (if-let ((server (vaultmark--eglot)))
      (vaultmark--rename-eglot server name)
    (unless (bound-and-true-p lsp-mode)
      (user-error "No server serves this buffer: start `eglot' or `lsp'"))
    (save-excursion
      (goto-char (point-min))
      (lsp-rename name))))

(defun vaultmark--rename-eglot (server name)
  "Ask SERVER to give the note of this buffer NAME, and follow it there."
  (save-some-buffers nil (lambda () (apply #'derived-mode-p vaultmark-modes)))
  (let* ((old buffer-file-name)
         (uri (concat "file://" (mapconcat #'url-hexify-string (split-string old "/") "/")))
         (done (jsonrpc-request
                server :workspace/executeCommand
                `(:command "vaultmark.rename"
                  :arguments [(:uri ,uri :newName ,name)])))
         (moves (append (plist-get done :moves) nil)))
    (dolist (move moves)
      (vaultmark--follow (plist-get move :from) (plist-get move :to)))
    ;; Notes whose links follow changed on the disk.
    (dolist (buffer (buffer-list))
      (with-current-buffer buffer
        (when (and buffer-file-name
                   (apply #'derived-mode-p vaultmark-modes)
                   (file-exists-p buffer-file-name)
                   (not (buffer-modified-p))
                   (not (verify-visited-file-modtime buffer)))
          (revert-buffer t t t))))
    (message "%s" (or (plist-get done :message) "Renamed"))))

(defun vaultmark--follow (from to)
  "Let the buffers that visit FROM, or what is in it, visit TO."
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when-let ((file buffer-file-name)
                 (rest (cond ((string= file from) "")
                             ((string-prefix-p (file-name-as-directory from) file)
                              (substring file (length from))))))
        (set-visited-file-name (concat to rest) t t)
        (revert-buffer t t t)))))

(provide 'vaultmark)
;;; vaultmark.el ends here
