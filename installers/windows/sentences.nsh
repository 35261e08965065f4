; The installer's own sentences; NSIS has the others.

LangString WHERE ${LANG_ENGLISH} "Softlight is installed.$\r$\n$\r$\nGIMP: open a photo, then Filters > Softlight.$\r$\nKrita: open a photo, then Settings > Dockers > Softlight.$\r$\n$\r$\nIf GIMP or Krita is open now, close it and start it again. If you get one of them later, choose 'Softlight in GIMP and Krita' in the Start menu."
LangString BLOCKED ${LANG_ENGLISH} "The installer could not start its own Python; a virus scanner may have stopped it. Let it pass there, then try again. Nothing was changed."
LangString TOO_OLD ${LANG_ENGLISH} "Softlight needs Windows 10 or newer."
LangString PURGE ${LANG_ENGLISH} "Also remove my settings and downloaded models"

LangString WHERE ${LANG_GERMAN} "Softlight ist installiert.$\r$\n$\r$\nGIMP: ein Foto öffnen, dann Filter > Softlight.$\r$\nKrita: ein Foto öffnen, dann Einstellungen > Andockbare Dialoge > Softlight.$\r$\n$\r$\nIst GIMP oder Krita gerade offen, schließen Sie es und starten Sie es neu. Kommt eines von beiden später hinzu, wählen Sie im Startmenü „Softlight in GIMP and Krita“."
LangString BLOCKED ${LANG_GERMAN} "Das Installationsprogramm konnte sein eigenes Python nicht starten; vielleicht hat ein Virenscanner es angehalten. Lassen Sie es dort zu und versuchen Sie es noch einmal. Es wurde nichts geändert."
LangString TOO_OLD ${LANG_GERMAN} "Softlight braucht Windows 10 oder neuer."
LangString PURGE ${LANG_GERMAN} "Auch meine Einstellungen und heruntergeladenen Modelle entfernen"

LangString WHERE ${LANG_FRENCH} "Softlight est installé.$\r$\n$\r$\nGIMP : ouvrez une photo, puis Filtres > Softlight.$\r$\nKrita : ouvrez une photo, puis Configuration > Panneaux > Softlight.$\r$\n$\r$\nSi GIMP ou Krita est ouvert, fermez-le et relancez-le. Si vous en installez un plus tard, choisissez « Softlight in GIMP and Krita » dans le menu Démarrer."
LangString BLOCKED ${LANG_FRENCH} "L'installateur n'a pas pu démarrer son propre Python ; un antivirus l'a peut-être arrêté. Autorisez-le, puis réessayez. Rien n'a été modifié."
LangString TOO_OLD ${LANG_FRENCH} "Softlight a besoin de Windows 10 ou plus récent."
LangString PURGE ${LANG_FRENCH} "Supprimer aussi mes réglages et les modèles téléchargés"

LangString WHERE ${LANG_SPANISH} "Softlight está instalado.$\r$\n$\r$\nGIMP: abra una foto y después Filtros > Softlight.$\r$\nKrita: abra una foto y después Preferencias > Paneles > Softlight.$\r$\n$\r$\nSi GIMP o Krita está abierto ahora, ciérrelo y vuelva a iniciarlo. Si instala uno de ellos más tarde, elija «Softlight in GIMP and Krita» en el menú Inicio."
LangString BLOCKED ${LANG_SPANISH} "El instalador no pudo iniciar su propio Python; quizá lo detuvo un antivirus. Permítalo e inténtelo de nuevo. No se ha cambiado nada."
LangString TOO_OLD ${LANG_SPANISH} "Softlight necesita Windows 10 o posterior."
LangString PURGE ${LANG_SPANISH} "Quitar también mis ajustes y los modelos descargados"

LangString WHERE ${LANG_JAPANESE} "Softlight がインストールされました。$\r$\n$\r$\nGIMP：写真を開き、［フィルター］>［Softlight］を選びます。$\r$\nKrita：写真を開き、［設定］>［ドッキングパネル］>［Softlight］を選びます。$\r$\n$\r$\nGIMP や Krita が開いている場合は、一度閉じてから起動し直してください。後で GIMP や Krita をインストールした場合は、スタートメニューの「Softlight in GIMP and Krita」を選んでください。"
LangString BLOCKED ${LANG_JAPANESE} "インストーラーは自身の Python を起動できませんでした。ウイルス対策ソフトに止められた可能性があります。許可してから、もう一度お試しください。何も変更されていません。"
LangString TOO_OLD ${LANG_JAPANESE} "Softlight には Windows 10 以降が必要です。"
LangString PURGE ${LANG_JAPANESE} "自分の設定とダウンロードしたモデルも削除する"

LangString WHERE ${LANG_SIMPCHINESE} "Softlight 已安装。$\r$\n$\r$\nGIMP：打开照片，然后选择“滤镜 > Softlight”。$\r$\nKrita：打开照片，然后选择“设置 > 工具面板 > Softlight”。$\r$\n$\r$\n如果 GIMP 或 Krita 正在运行，请关闭后重新启动。如果以后才安装 GIMP 或 Krita，请在开始菜单中选择“Softlight in GIMP and Krita”。"
LangString BLOCKED ${LANG_SIMPCHINESE} "安装程序无法启动自带的 Python，可能被杀毒软件阻止。请在其中放行，然后重试。没有任何更改。"
LangString TOO_OLD ${LANG_SIMPCHINESE} "Softlight 需要 Windows 10 或更高版本。"
LangString PURGE ${LANG_SIMPCHINESE} "同时删除我的设置和已下载的模型"
