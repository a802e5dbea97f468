<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en_GB">
<context>
    <name>Messages</name>
    <message>
        <source>; and {left} more slice{s}</source>
        <translation>; und {left} weitere Schicht(en)</translation>
    </message>
    <message>
        <source>A DICOM SEG needs DICOM images to refer to; this series has none.</source>
        <translation>Ein DICOM SEG braucht DICOM-Bilder, auf die es verweist; diese Serie hat keine.</translation>
    </message>
    <message>
        <source>A DICOM file takes patient and study from a DICOM file of frames; this is none.</source>
        <translation>Eine DICOM-Datei übernimmt Patient und Studie aus einer DICOM-Datei mit Bildern; dies ist keine.</translation>
    </message>
    <message>
        <source>A MetaImage has 1 to 10 dimensions, the header says {count}.</source>
        <translation>Ein MetaImage hat 1 bis 10 Dimensionen, die Kopfdaten nennen {count}.</translation>
    </message>
    <message>
        <source>A NIfTI file ends in .nii or .nii.gz, not {value}.</source>
        <translation>Eine NIfTI-Datei endet auf .nii oder .nii.gz, nicht auf {value}.</translation>
    </message>
    <message>
        <source>A NIfTI file has 1 to 7 dimensions, the header says {dim}.</source>
        <translation>Eine NIfTI-Datei hat 1 bis 7 Dimensionen, die Kopfdaten nennen {dim}.</translation>
    </message>
    <message>
        <source>A NIfTI header was expected.</source>
        <translation>NIfTI-Kopfdaten wurden erwartet.</translation>
    </message>
    <message>
        <source>A NIfTI-{version} header has {size} bytes, the file ends after {count}.</source>
        <translation>NIfTI-{version}-Kopfdaten haben {size} Bytes, die Datei endet nach {count}.</translation>
    </message>
    <message>
        <source>A codec goes with a video file.</source>
        <translation>Ein Codec gehört zu einer Videodatei.</translation>
    </message>
    <message>
        <source>A file was to be written, but a folder has this name.</source>
        <translation>Eine Datei sollte geschrieben werden, aber ein Ordner hat diesen Namen.</translation>
    </message>
    <message>
        <source>A finished chunk cannot be read any more.</source>
        <translation>Ein fertiger Abschnitt ist nicht mehr lesbar.</translation>
    </message>
    <message>
        <source>A folder has this name.</source>
        <translation>Ein Ordner hat diesen Namen.</translation>
    </message>
    <message>
        <source>A new or empty folder was expected for the export.</source>
        <translation>Für den Export wurde ein neuer oder leerer Ordner erwartet.</translation>
    </message>
    <message>
        <source>A picture cannot be read, or is of another size than the first.</source>
        <translation>Ein Bild ist nicht lesbar oder von anderer Größe als das erste.</translation>
    </message>
    <message>
        <source>A picture was expected.</source>
        <translation>Ein Bild wurde erwartet.</translation>
    </message>
    <message>
        <source>A request of this kind cannot be sent: {name}.</source>
        <translation>Eine Anfrage dieser Art kann nicht gesendet werden: {name}.</translation>
    </message>
    <message>
        <source>A scheduler needs dask.distributed, which is not installed.</source>
        <translation>Ein Scheduler braucht dask.distributed, das nicht installiert ist.</translation>
    </message>
    <message>
        <source>A sidecar cannot be read.</source>
        <translation>Eine Begleitdatei ist nicht lesbar.</translation>
    </message>
    <message>
        <source>A video cannot be restored.</source>
        <translation>Ein Video kann nicht restauriert werden.</translation>
    </message>
    <message>
        <source>A video cannot be segmented.</source>
        <translation>Ein Video kann nicht segmentiert werden.</translation>
    </message>
    <message>
        <source>A volume of fractions cannot be taken for frames.</source>
        <translation>Ein Volumen mit Bruchwerten kann nicht als Bildfolge genommen werden.</translation>
    </message>
    <message>
        <source>Add them; both are required by BIDS.</source>
        <translation>Ergänzen Sie sie; BIDS verlangt beide.</translation>
    </message>
    <message>
        <source>Add {description} with Name and BIDSVersion, or use acutance batch.</source>
        <translation>Ergänzen Sie {description} mit Name und BIDSVersion oder verwenden Sie acutance batch.</translation>
    </message>
    <message>
        <source>All {count} shares are needed once; these are {told}.</source>
        <translation>Alle {count} Anteile werden je einmal gebraucht; dies sind {told}.</translation>
    </message>
    <message>
        <source>An Analyze header has a file .img of the same name beside it.</source>
        <translation>Zu Analyze-Kopfdaten gehört eine Datei .img desselben Namens daneben.</translation>
    </message>
    <message>
        <source>An export as DICOM needs DICOM images to stay with; this series has none.</source>
        <translation>Ein Export als DICOM braucht DICOM-Bilder, bei denen er bleibt; diese Serie hat keine.</translation>
    </message>
    <message>
        <source>An extension of the header says a size that cannot be; it was left out. The voxels are not concerned.</source>
        <translation>Eine Erweiterung der Kopfdaten nennt eine unmögliche Größe; sie wurde weggelassen. Die Voxel sind nicht betroffen.</translation>
    </message>
    <message>
        <source>An unexpected fault ended the work: {name}{place}.</source>
        <translation>Ein unerwarteter Fehler hat die Arbeit beendet: {name}{place}.</translation>
    </message>
    <message>
        <source>Analyze files do not say how the volume lies in the patient: left and right cannot be told.</source>
        <translation>Analyze-Dateien sagen nicht, wie das Volumen im Patienten liegt: Links und rechts sind nicht zu unterscheiden.</translation>
    </message>
    <message>
        <source>Another batch is at work in this folder.</source>
        <translation>In diesem Ordner arbeitet ein anderer Stapel.</translation>
    </message>
    <message>
        <source>Another program is enlarging to this place.</source>
        <translation>Ein anderes Programm vergrößert an diesen Ort.</translation>
    </message>
    <message>
        <source>Ask for fewer at a time.</source>
        <translation>Verlangen Sie weniger auf einmal.</translation>
    </message>
    <message>
        <source>B is predicted {signed} against A, without an interval</source>
        <translation>B ist mit {signed} gegen A vorhergesagt, ohne Intervall</translation>
    </message>
    <message>
        <source>Bad frames: {about}{bad} of {max} ({items}). No number from near them can be trusted.</source>
        <translation>Fehlerhafte Bilder: {about}{bad} von {max} ({items}). Keiner Zahl aus ihrer Nähe ist zu trauen.</translation>
    </message>
    <message>
        <source>Bad frames: {count} of {checked} cannot be decoded; the one before is shown in their place. No number from near them can be trusted.</source>
        <translation>Fehlerhafte Bilder: {count} von {checked} lassen sich nicht dekodieren; an ihrer Stelle wird das vorige gezeigt. Keiner Zahl aus ihrer Nähe ist zu trauen.</translation>
    </message>
    <message>
        <source>Below repeat a repeat is advised, from usable on a series is usable.</source>
        <translation>Unter repeat wird eine Wiederholung empfohlen, ab usable ist eine Serie verwendbar.</translation>
    </message>
    <message>
        <source>Check that it is still there.</source>
        <translation>Prüfen Sie, ob es noch da ist.</translation>
    </message>
    <message>
        <source>Check the address and that the scheduler runs, or leave --scheduler out.</source>
        <translation>Prüfen Sie die Adresse und ob der Scheduler läuft, oder lassen Sie --scheduler weg.</translation>
    </message>
    <message>
        <source>Check the name.</source>
        <translation>Prüfen Sie den Namen.</translation>
    </message>
    <message>
        <source>Check the path.</source>
        <translation>Prüfen Sie den Pfad.</translation>
    </message>
    <message>
        <source>Check the rights to its folder.</source>
        <translation>Prüfen Sie die Rechte für den Ordner.</translation>
    </message>
    <message>
        <source>Choose .mkv, which holds most kinds of sound and times.</source>
        <translation>Wählen Sie .mkv, das die meisten Arten von Ton und Zeiten fasst.</translation>
    </message>
    <message>
        <source>Choose a folder that you may write to.</source>
        <translation>Wählen Sie einen Ordner, in den Sie schreiben dürfen.</translation>
    </message>
    <message>
        <source>Choose a folder with room that you may write to.</source>
        <translation>Wählen Sie einen Ordner mit Platz, in den Sie schreiben dürfen.</translation>
    </message>
    <message>
        <source>Choose a new folder, or go on with that batch as it was begun.</source>
        <translation>Wählen Sie einen neuen Ordner oder setzen Sie jenen Stapel fort, wie er begonnen wurde.</translation>
    </message>
    <message>
        <source>Choose a new folder.</source>
        <translation>Wählen Sie einen neuen Ordner.</translation>
    </message>
    <message>
        <source>Choose a new one.</source>
        <translation>Wählen Sie einen neuen.</translation>
    </message>
    <message>
        <source>Choose a new or empty folder.</source>
        <translation>Wählen Sie einen neuen oder leeren Ordner.</translation>
    </message>
    <message>
        <source>Choose another folder, so that nothing else lies among the exported files.</source>
        <translation>Wählen Sie einen anderen Ordner, damit nichts anderes zwischen den exportierten Dateien liegt.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Choose another folder; what is read is never changed.</source>
        <translation>Wählen Sie einen anderen Ordner; was gelesen wird, wird nie verändert.</translation>
    </message>
    <message>
        <source>Choose another folder; what was read is never changed.</source>
        <translation>Wählen Sie einen anderen Ordner; was gelesen wurde, wird nie verändert.</translation>
    </message>
    <message>
        <source>Choose another name, or one that ends in .mp4, .mkv, .avi or .dcm.</source>
        <translation>Wählen Sie einen anderen Namen oder einen, der auf .mp4, .mkv, .avi oder .dcm endet.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>Choose another version; what was fitted is never replaced.</source>
        <translation>Wählen Sie eine andere Version; was angepasst wurde, wird nie ersetzt.</translation>
    </message>
    <message>
        <source>Choose another.</source>
        <translation>Wählen Sie etwas anderes.</translation>
    </message>
    <message>
        <source>Choose one kind.</source>
        <translation>Wählen Sie eine Art.</translation>
    </message>
    <message>
        <source>Choose others.</source>
        <translation>Wählen Sie andere.</translation>
    </message>
    <message>
        <source>Choose the weights of a restoration network.</source>
        <translation>Wählen Sie die Gewichte eines Restaurierungsnetzes.</translation>
    </message>
    <message>
        <source>Choose the weights of a scoring network.</source>
        <translation>Wählen Sie die Gewichte eines Bewertungsnetzes.</translation>
    </message>
    <message>
        <source>Choose the weights of a segmentation network.</source>
        <translation>Wählen Sie die Gewichte eines Segmentierungsnetzes.</translation>
    </message>
    <message>
        <source>Choose the weights of a video network.</source>
        <translation>Wählen Sie die Gewichte eines Netzes für Videos.</translation>
    </message>
    <message>
        <source>Choose the weights of an autoencoder.</source>
        <translation>Wählen Sie die Gewichte eines Autoencoders.</translation>
    </message>
    <message>
        <source>Close other programs or use --device cpu.</source>
        <translation>Schließen Sie andere Programme oder verwenden Sie --device cpu.</translation>
    </message>
    <message>
        <source>Close other programs.</source>
        <translation>Schließen Sie andere Programme.</translation>
    </message>
    <message>
        <source>Close other scans or programs and open it again.</source>
        <translation>Schließen Sie andere Aufnahmen oder Programme und öffnen Sie sie erneut.</translation>
    </message>
    <message>
        <source>Compression and noise of pictures</source>
        <translation>Kompression und Rauschen von Bildern</translation>
    </message>
    <message>
        <source>Computed values do not fit pixels of this kind.</source>
        <translation>Berechnete Werte passen nicht in Pixel dieser Art.</translation>
    </message>
    <message>
        <source>Convert it to H.264 in MP4 or to FFV1 in MKV.</source>
        <translation>Wandeln Sie es in H.264 in MP4 oder FFV1 in MKV um.</translation>
    </message>
    <message>
        <source>Convert the file to NIfTI.</source>
        <translation>Wandeln Sie die Datei in NIfTI um.</translation>
    </message>
    <message>
        <source>Copy or download the file again.</source>
        <translation>Kopieren oder laden Sie die Datei erneut.</translation>
    </message>
    <message>
        <source>Copy the file again or leave it out.</source>
        <translation>Kopieren Sie die Datei erneut oder lassen Sie sie weg.</translation>
    </message>
    <message>
        <source>Copy the file again, or repair it with the program that recorded it.</source>
        <translation>Kopieren Sie die Datei erneut oder reparieren Sie sie mit dem Programm, das sie aufgenommen hat.</translation>
    </message>
    <message>
        <source>Copy the file from the scanner or archive again.</source>
        <translation>Kopieren Sie die Datei erneut vom Scanner oder Archiv.</translation>
    </message>
    <message>
        <source>Copy the file to a local disk and try again; it may also be damaged.</source>
        <translation>Kopieren Sie die Datei auf eine lokale Platte und versuchen Sie es erneut; sie kann auch beschädigt sein.</translation>
    </message>
    <message>
        <source>Copy the files from the scanner or archive again.</source>
        <translation>Kopieren Sie die Dateien erneut vom Scanner oder Archiv.</translation>
    </message>
    <message>
        <source>Correct that line; `acutance site example` shows the form.</source>
        <translation>Berichtigen Sie diese Zeile; `acutance site example` zeigt die Form.</translation>
    </message>
    <message>
        <source>Device {name} is not known.</source>
        <translation>Das Gerät {name} ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Device {name} was asked for, but this machine offers {count} CUDA device(s).</source>
        <translation>Verlangt wurde das Gerät {name}, aber dieser Rechner bietet {count} CUDA-Gerät(e).</translation>
    </message>
    <message>
        <source>Electrical failure</source>
        <translation>Elektrischer Defekt</translation>
    </message>
    <message>
        <source>Enhanced x{scale} by Acutance {version}. {not_for_diagnosis}.</source>
        <translation>Verbessert x{scale} von Acutance {version}. {not_for_diagnosis}.</translation>
    </message>
    <message>
        <source>Every voxel has the same value, {low}.</source>
        <translation>Jedes Voxel hat denselben Wert, {low}.</translation>
    </message>
    <message>
        <source>Export a part of it, or leave it out.</source>
        <translation>Exportieren Sie einen Teil davon oder lassen Sie es weg.</translation>
    </message>
    <message>
        <source>Export it as NIfTI or PNG.</source>
        <translation>Exportieren Sie es als NIfTI oder PNG.</translation>
    </message>
    <message>
        <source>Export it as NIfTI.</source>
        <translation>Exportieren Sie es als NIfTI.</translation>
    </message>
    <message>
        <source>Export it in another format.</source>
        <translation>Exportieren Sie es in einem anderen Format.</translation>
    </message>
    <message>
        <source>Export it with the volume it was drawn on.</source>
        <translation>Exportieren Sie es mit dem Volumen, auf dem es gezeichnet wurde.</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Fit again; the next number is taken.</source>
        <translation>Passen Sie erneut an; die nächste Nummer wird vergeben.</translation>
    </message>
    <message>
        <source>Fit one: acutance restore fit, in the window Engines, Fit operator.</source>
        <translation>Passen Sie einen an: acutance restore fit, im Fenster Verfahren, Operator anpassen.</translation>
    </message>
    <message>
        <source>Foreign bytes follow the end of the archive.</source>
        <translation>Nach dem Ende des Archivs folgen fremde Bytes.</translation>
    </message>
    <message>
        <source>Frame {number} and those around it cannot be decoded.</source>
        <translation>Bild {number} und die umliegenden lassen sich nicht dekodieren.</translation>
    </message>
    <message>
        <source>Frames of {width} x {height} pixels are too small; {min_side} are needed.</source>
        <translation>Bilder von {width} x {height} Pixeln sind zu klein; {min_side} sind nötig.</translation>
    </message>
    <message>
        <source>Give each a name of its own.</source>
        <translation>Geben Sie jedem einen eigenen Namen.</translation>
    </message>
    <message>
        <source>Go on with it (--resume), or choose a new folder.</source>
        <translation>Setzen Sie ihn fort (--resume) oder wählen Sie einen neuen Ordner.</translation>
    </message>
    <message>
        <source>Go on with it with --resume first.</source>
        <translation>Setzen Sie ihn zuerst mit --resume fort.</translation>
    </message>
    <message>
        <source>Go on with the batch (--resume).</source>
        <translation>Setzen Sie den Stapel fort (--resume).</translation>
    </message>
    <message>
        <source>Grey and colour images cannot be fitted together.</source>
        <translation>Graue und farbige Bilder lassen sich nicht zusammen anpassen.</translation>
    </message>
    <message>
        <source>Image artifact(s)</source>
        <translation>Bildartefakt(e)</translation>
    </message>
    <message>
        <source>Inappropriate image processing</source>
        <translation>Unpassende Bildverarbeitung</translation>
    </message>
    <message>
        <source>Install it (pip install &quot;acutance[video]&quot;), or name a folder: frames are then written as PNG.</source>
        <translation>Installieren Sie es (pip install &quot;acutance[video]&quot;) oder nennen Sie einen Ordner: Bilder werden dann als PNG geschrieben.</translation>
    </message>
    <message>
        <source>Install the extra: pip install &apos;acutance[dask]&apos;.</source>
        <translation>Installieren Sie das Extra: pip install &apos;acutance[dask]&apos;.</translation>
    </message>
    <message>
        <source>Install the extra: pip install &apos;acutance[video]&apos;.</source>
        <translation>Installieren Sie das Extra: pip install &apos;acutance[video]&apos;.</translation>
    </message>
    <message>
        <source>Keep A: the predicted SSIM of B differs by {span}.</source>
        <translation>A behalten: Die vorhergesagte SSIM von B unterscheidet sich um {span}.</translation>
    </message>
    <message>
        <source>Keep B: its predicted SSIM differs by {span} from A&apos;s.</source>
        <translation>B behalten: Seine vorhergesagte SSIM unterscheidet sich um {span} von der von A.</translation>
    </message>
    <message>
        <source>Leave out --chunk 0: chunks need the same memory however long a clip is.</source>
        <translation>Lassen Sie --chunk 0 weg: Abschnitte brauchen gleich viel Speicher, wie lang ein Clip auch ist.</translation>
    </message>
    <message>
        <source>Make room, or choose a folder on another disk.</source>
        <translation>Schaffen Sie Platz oder wählen Sie einen Ordner auf einer anderen Platte.</translation>
    </message>
    <message>
        <source>Mechanical failure</source>
        <translation>Mechanischer Defekt</translation>
    </message>
    <message>
        <source>Mend it or remove it.</source>
        <translation>Richten Sie es oder entfernen Sie es.</translation>
    </message>
    <message>
        <source>Metrics that have a formula</source>
        <translation>Metriken, die eine Formel haben</translation>
    </message>
    <message>
        <source>Motion and ghosts</source>
        <translation>Bewegung und Geister</translation>
    </message>
    <message>
        <source>NIfTI has no voxels of the kind {dtype}{value}.</source>
        <translation>NIfTI hat keine Voxel der Art {dtype}{value}.</translation>
    </message>
    <message>
        <source>Name a file that --json wrote, or the folder that -o or a batch wrote.</source>
        <translation>Nennen Sie eine Datei, die --json geschrieben hat, oder den Ordner, den -o oder ein Stapel geschrieben hat.</translation>
    </message>
    <message>
        <source>Name a file that ends in {items}, or a folder.</source>
        <translation>Nennen Sie eine Datei, die auf {items} endet, oder einen Ordner.</translation>
    </message>
    <message>
        <source>Name a file that ends in {items}.</source>
        <translation>Nennen Sie eine Datei, die auf {items} endet.</translation>
    </message>
    <message>
        <source>Name a folder.</source>
        <translation>Nennen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>Name a network that enlarges videos as safetensors: --upscale-model FILE, or in the window the weights for the task.</source>
        <translation>Nennen Sie ein Netz, das Videos vergrößert, als safetensors: --upscale-model DATEI, oder im Fenster die Gewichte für die Aufgabe.</translation>
    </message>
    <message>
        <source>Name a restoration network as safetensors: --model FILE, in the window Engines, Restore with weights.</source>
        <translation>Nennen Sie ein Restaurierungsnetz als safetensors: --model DATEI, im Fenster Verfahren, Mit Gewichten restaurieren.</translation>
    </message>
    <message>
        <source>Name a segmentation network as safetensors: --model FILE, in the window Engines, Segment with weights.</source>
        <translation>Nennen Sie ein Segmentierungsnetz als safetensors: --model DATEI, im Fenster Verfahren, Mit Gewichten segmentieren.</translation>
    </message>
    <message>
        <source>Name a segmentation network as safetensors: --segment-model FILE, or in the window the weights for the task.</source>
        <translation>Nennen Sie ein Segmentierungsnetz als safetensors: --segment-model DATEI, oder im Fenster die Gewichte für die Aufgabe.</translation>
    </message>
    <message>
        <source>Name a site file with --site, or remove the setting.</source>
        <translation>Nennen Sie eine Standortdatei mit --site oder entfernen Sie die Einstellung.</translation>
    </message>
    <message>
        <source>Name an image-to-image network as safetensors: --restore-model FILE.</source>
        <translation>Nennen Sie ein Netz von Bild zu Bild als safetensors: --restore-model DATEI.</translation>
    </message>
    <message>
        <source>Name another codec, or a folder: frames are then written as PNG.</source>
        <translation>Nennen Sie einen anderen Codec oder einen Ordner: Bilder werden dann als PNG geschrieben.</translation>
    </message>
    <message>
        <source>Name another codec.</source>
        <translation>Nennen Sie einen anderen Codec.</translation>
    </message>
    <message>
        <source>Name one video, one DICOM file of frames, or one folder of pictures.</source>
        <translation>Nennen Sie ein Video, eine DICOM-Datei mit Bildern oder einen Ordner mit Bildern.</translation>
    </message>
    <message>
        <source>Name the autoencoder it was fitted with: --vae FILE; or fit it again.</source>
        <translation>Nennen Sie den Autoencoder, mit dem er angepasst wurde: --vae DATEI; oder passen Sie ihn erneut an.</translation>
    </message>
    <message>
        <source>Name the folder of every share.</source>
        <translation>Nennen Sie den Ordner jedes Anteils.</translation>
    </message>
    <message>
        <source>Name the shares of one batch.</source>
        <translation>Nennen Sie die Anteile eines einzigen Stapels.</translation>
    </message>
    <message>
        <source>Name the weights of such a network, as safetensors: with --model FILE, in the window with Weights…; a checkpoint is converted by `acutance models import FILE`.</source>
        <translation>Nennen Sie die Gewichte eines solchen Netzes als safetensors: mit --model DATEI, im Fenster mit Gewichte…; einen Prüfpunkt wandelt `acutance models import DATEI` um.</translation>
    </message>
    <message>
        <source>No advice: {text}, so nothing tells whether that is more than error.</source>
        <translation>Kein Rat: {text}, daher sagt nichts, ob das mehr als ein Fehler ist.</translation>
    </message>
    <message>
        <source>No child process can be started: {strerror}.</source>
        <translation>Kein Kindprozess lässt sich starten: {strerror}.</translation>
    </message>
    <message>
        <source>No column of the table names the scans.</source>
        <translation>Keine Spalte der Tabelle nennt die Aufnahmen.</translation>
    </message>
    <message>
        <source>No difference that the interval supports: B against A {span}.</source>
        <translation>Kein Unterschied, den das Intervall stützt: B gegen A {span}.</translation>
    </message>
    <message>
        <source>No frame of the video can be decoded.</source>
        <translation>Kein Bild des Videos lässt sich dekodieren.</translation>
    </message>
    <message>
        <source>No image</source>
        <translation>Kein Bild</translation>
    </message>
    <message>
        <source>No network is installed for the task {task}.</source>
        <translation>Für die Aufgabe {task} ist kein Netz installiert.</translation>
    </message>
    <message>
        <source>No network{named} that enlarges videos is installed.</source>
        <translation>Kein Netz{named}, das Videos vergrößert, ist installiert.</translation>
    </message>
    <message>
        <source>No progress for {stall_seconds} seconds.</source>
        <translation>Kein Fortschritt seit {stall_seconds} Sekunden.</translation>
    </message>
    <message>
        <source>No reader is called {reader}.</source>
        <translation>Kein Leser heißt {reader}.</translation>
    </message>
    <message>
        <source>No slice is scored yet.</source>
        <translation>Noch ist keine Schicht bewertet.</translation>
    </message>
    <message>
        <source>No slice of the series can be read: {first_reason}.</source>
        <translation>Keine Schicht der Serie ist lesbar: {first_reason}.</translation>
    </message>
    <message>
        <source>No slices are matched: the two stacks do not lie at the same place.</source>
        <translation>Keine Schichten sind zugeordnet: Die beiden Stapel liegen nicht am selben Ort.</translation>
    </message>
    <message>
        <source>No voxel has a label.</source>
        <translation>Kein Voxel hat ein Label.</translation>
    </message>
    <message>
        <source>Noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>None of the pictures can be read.</source>
        <translation>Keines der Bilder ist lesbar.</translation>
    </message>
    <message>
        <source>Not compared: {objection}.</source>
        <translation>Nicht verglichen: {objection}.</translation>
    </message>
    <message>
        <source>Not for diagnosis.</source>
        <translation>Nicht zur Diagnose.</translation>
    </message>
    <message>
        <source>One clip was expected, {count} were found{why}.</source>
        <translation>Ein Clip wurde erwartet, {count} wurden gefunden{why}.</translation>
    </message>
    <message>
        <source>One of them has to be {items}.</source>
        <translation>Eines davon muss {items} sein.</translation>
    </message>
    <message>
        <source>One slice with all that lies between takes {size_words}.</source>
        <translation>Eine Schicht mit allem, was dazwischenliegt, belegt {size_words}.</translation>
    </message>
    <message>
        <source>Only videos are enlarged; this is a volume.</source>
        <translation>Nur Videos werden vergrößert; dies ist ein Volumen.</translation>
    </message>
    <message>
        <source>Open a file with at least two dimensions.</source>
        <translation>Öffnen Sie eine Datei mit mindestens zwei Dimensionen.</translation>
    </message>
    <message>
        <source>Open it again.</source>
        <translation>Öffnen Sie es erneut.</translation>
    </message>
    <message>
        <source>Open the file again.</source>
        <translation>Öffnen Sie die Datei erneut.</translation>
    </message>
    <message>
        <source>Open the files again.</source>
        <translation>Öffnen Sie die Dateien erneut.</translation>
    </message>
    <message>
        <source>Open the set of files with the program that wrote it.</source>
        <translation>Öffnen Sie die Dateien mit dem Programm, das sie geschrieben hat.</translation>
    </message>
    <message>
        <source>Other failure</source>
        <translation>Anderer Defekt</translation>
    </message>
    <message>
        <source>Outside the limits: {count}; weighted mean outside its own limits: {count2}.</source>
        <translation>Außerhalb der Grenzen: {count}; gewichtetes Mittel außerhalb seiner eigenen Grenzen: {count2}.</translation>
    </message>
    <message>
        <source>Page {at} has another size than the first.</source>
        <translation>Seite {at} hat eine andere Größe als die erste.</translation>
    </message>
    <message>
        <source>Page {at} of the image is not in the file.</source>
        <translation>Seite {at} des Bildes ist nicht in der Datei.</translation>
    </message>
    <message>
        <source>Patient motion</source>
        <translation>Bewegung des Patienten</translation>
    </message>
    <message>
        <source>Patient {person}</source>
        <translation>Patient {person}</translation>
    </message>
    <message>
        <source>Please report this.</source>
        <translation>Bitte melden Sie dies.</translation>
    </message>
    <message>
        <source>Positioning</source>
        <translation>Lagerung</translation>
    </message>
    <message>
        <source>Put a copy in its place, or `acutance calibrate revert --version 0`.</source>
        <translation>Legen Sie eine Kopie an seine Stelle oder `acutance calibrate revert --version 0`.</translation>
    </message>
    <message>
        <source>Put both files into one folder.</source>
        <translation>Legen Sie beide Dateien in einen Ordner.</translation>
    </message>
    <message>
        <source>Put it back where it was and run again with --resume.</source>
        <translation>Legen Sie es an seinen Ort zurück und starten Sie erneut mit --resume.</translation>
    </message>
    <message>
        <source>Reading needs more memory than it may take.</source>
        <translation>Das Lesen braucht mehr Speicher, als es nehmen darf.</translation>
    </message>
    <message>
        <source>Reinstall Acutance.</source>
        <translation>Installieren Sie Acutance neu.</translation>
    </message>
    <message>
        <source>Rename it to open it as a picture.</source>
        <translation>Benennen Sie es um, um es als Bild zu öffnen.</translation>
    </message>
    <message>
        <source>Replace it or take it out of the folder.</source>
        <translation>Ersetzen Sie es oder nehmen Sie es aus dem Ordner.</translation>
    </message>
    <message>
        <source>Resample one of the two onto the grid of the other.</source>
        <translation>Rechnen Sie eines der beiden auf das Gitter des anderen um.</translation>
    </message>
    <message>
        <source>Restore: a volume with less noise</source>
        <translation>Restaurieren: ein Volumen mit weniger Rauschen</translation>
    </message>
    <message>
        <source>Run again as then, or without --resume to begin anew.</source>
        <translation>Starten Sie erneut wie damals, oder ohne --resume, um neu zu beginnen.</translation>
    </message>
    <message>
        <source>Run again without --resume.</source>
        <translation>Starten Sie erneut ohne --resume.</translation>
    </message>
    <message>
        <source>Run again without --resume; if memory is short, with a smaller --tile.</source>
        <translation>Starten Sie erneut ohne --resume; bei knappem Speicher mit kleinerem --tile.</translation>
    </message>
    <message>
        <source>Run again.</source>
        <translation>Starten Sie erneut.</translation>
    </message>
    <message>
        <source>Run the batch with --backend {used}, into another folder.</source>
        <translation>Den Stapel mit --backend {used} ausführen, in einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Save a part of it as a file of its own.</source>
        <translation>Speichern Sie einen Teil davon als eigene Datei.</translation>
    </message>
    <message>
        <source>Save a plain array of integers or floating point.</source>
        <translation>Speichern Sie ein einfaches Array aus ganzen oder Gleitkommazahlen.</translation>
    </message>
    <message>
        <source>Save a plain array of numbers.</source>
        <translation>Speichern Sie ein einfaches Array aus Zahlen.</translation>
    </message>
    <message>
        <source>Save an image or a volume.</source>
        <translation>Speichern Sie ein Bild oder ein Volumen.</translation>
    </message>
    <message>
        <source>Save it as UTF-8.</source>
        <translation>Speichern Sie sie als UTF-8.</translation>
    </message>
    <message>
        <source>Save it as a plain multi-page TIFF.</source>
        <translation>Speichern Sie es als einfaches mehrseitiges TIFF.</translation>
    </message>
    <message>
        <source>Save it as a video, or its frames as single pictures.</source>
        <translation>Speichern Sie es als Video oder seine Bilder einzeln.</translation>
    </message>
    <message>
        <source>Save it as grey values or RGB.</source>
        <translation>Speichern Sie es als Grauwerte oder RGB.</translation>
    </message>
    <message>
        <source>Save one 3-D volume of it as a file of its own.</source>
        <translation>Speichern Sie ein 3-D-Volumen davon als eigene Datei.</translation>
    </message>
    <message>
        <source>Save one volume of it as a file of its own.</source>
        <translation>Speichern Sie ein Volumen davon als eigene Datei.</translation>
    </message>
    <message>
        <source>Save the file uncompressed.</source>
        <translation>Speichern Sie die Datei unkomprimiert.</translation>
    </message>
    <message>
        <source>Save the file with gzip or raw encoding.</source>
        <translation>Speichern Sie die Datei mit der Kodierung gzip oder raw.</translation>
    </message>
    <message>
        <source>Save the frames you need as pictures.</source>
        <translation>Speichern Sie die Bilder, die Sie brauchen, einzeln.</translation>
    </message>
    <message>
        <source>Save the magnitude as a file of its own.</source>
        <translation>Speichern Sie den Betrag als eigene Datei.</translation>
    </message>
    <message>
        <source>Save them as 8- or 16-bit integers or 32-bit floating point.</source>
        <translation>Speichern Sie sie als ganze Zahlen mit 8 oder 16 Bit oder als Gleitkommazahlen mit 32 Bit.</translation>
    </message>
    <message>
        <source>Save them as integers or floating point.</source>
        <translation>Speichern Sie sie als ganze Zahlen oder Gleitkommazahlen.</translation>
    </message>
    <message>
        <source>Save them in binary form.</source>
        <translation>Speichern Sie sie in binärer Form.</translation>
    </message>
    <message>
        <source>Say which series it is for; what holds for all stands in [thresholds].</source>
        <translation>Sagen Sie, für welche Serie es gilt; was für alle gilt, steht in [thresholds].</translation>
    </message>
    <message>
        <source>Score: predicted SSIM and verdict</source>
        <translation>Bewerten: vorhergesagte SSIM und Urteil</translation>
    </message>
    <message>
        <source>Segment this volume.</source>
        <translation>Segmentieren Sie dieses Volumen.</translation>
    </message>
    <message>
        <source>Segment: label maps and volumes</source>
        <translation>Segmentieren: Labelkarten und Volumina</translation>
    </message>
    <message>
        <source>Several images lie at each position and nothing in their headers tells them apart; they were dealt to volumes by instance number.</source>
        <translation>An jeder Position liegen mehrere Bilder, und nichts in ihren Kopfdaten unterscheidet sie; sie wurden nach der Instanznummer auf Volumen verteilt.</translation>
    </message>
    <message>
        <source>Show another part of the video.</source>
        <translation>Zeigen Sie einen anderen Teil des Videos.</translation>
    </message>
    <message>
        <source>Slices are compared in the {planes} plane only.</source>
        <translation>Schichten werden nur in der Ebene {planes} verglichen.</translation>
    </message>
    <message>
        <source>Slices are matched by their order: the files name no frame of reference they share.</source>
        <translation>Schichten sind nach ihrer Reihenfolge zugeordnet: Die Dateien nennen kein gemeinsames Bezugssystem.</translation>
    </message>
    <message>
        <source>Slices are matched by their position in mm; where the patient or the table moved in between, the same position shows another place.</source>
        <translation>Schichten sind nach ihrer Position in mm zugeordnet; wo sich Patient oder Tisch dazwischen bewegt haben, zeigt dieselbe Position einen anderen Ort.</translation>
    </message>
    <message>
        <source>Slices are shifted sideways by up to {max} mm against the line of the stack; planes across the slices are drawn without this shift.</source>
        <translation>Schichten sind bis zu {max} mm seitlich gegen die Linie des Stapels versetzt; Ebenen quer zu den Schichten werden ohne diesen Versatz gezeichnet.</translation>
    </message>
    <message>
        <source>Slope and intercept ({problem}) cannot be used; stored values are shown.</source>
        <translation>Steigung und Achsenabschnitt ({problem}) sind nicht brauchbar; gespeicherte Werte werden gezeigt.</translation>
    </message>
    <message>
        <source>Slope {slope} and intercept {intercept} do not fit into NIfTI.</source>
        <translation>Steigung {slope} und Achsenabschnitt {intercept} passen nicht in NIfTI.</translation>
    </message>
    <message>
        <source>Smoothing the highest {area} of the map raises the predicted SSIM by {gain_top}.</source>
        <translation>Werden die höchsten {area} der Karte geglättet, steigt die vorhergesagte SSIM um {gain_top}.</translation>
    </message>
    <message>
        <source>Software failure</source>
        <translation>Softwarefehler</translation>
    </message>
    <message>
        <source>Study {number}</source>
        <translation>Studie {number}</translation>
    </message>
    <message>
        <source>Suboptimal contrast timing</source>
        <translation>Ungünstiger Zeitpunkt des Kontrastmittels</translation>
    </message>
    <message>
        <source>Super-resolution x{scale} by {named}, Acutance {version}. {not_for_diagnosis}.</source>
        <translation>Hochauflösung x{scale} von {named}, Acutance {version}. {not_for_diagnosis}.</translation>
    </message>
    <message>
        <source>The DICOMDIR names {plural} that {verb} not there; images may be missing.</source>
        <translation>Das DICOMDIR nennt {plural}, nicht alles davon ist da ({verb} fehlend); Bilder können fehlen.</translation>
    </message>
    <message>
        <source>The JPEG 2000 picture holds samples of {bits} bits, which are not read.</source>
        <translation>Das JPEG-2000-Bild enthält Abtastwerte von {bits} Bit, die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The JPEG 2000 picture is cut.</source>
        <translation>Das JPEG-2000-Bild ist abgeschnitten.</translation>
    </message>
    <message>
        <source>The MetaImage header does not name its voxels (ElementDataFile).</source>
        <translation>Die MetaImage-Kopfdaten nennen ihre Voxel nicht (ElementDataFile).</translation>
    </message>
    <message>
        <source>The MetaImage header has a line that is no key and value.</source>
        <translation>Die MetaImage-Kopfdaten haben eine Zeile, die nicht aus Schlüssel und Wert besteht.</translation>
    </message>
    <message>
        <source>The MetaImage header needs {count} numbers for {name}.</source>
        <translation>Die MetaImage-Kopfdaten brauchen {count} Zahlen für {name}.</translation>
    </message>
    <message>
        <source>The NIfTI header cannot be read.</source>
        <translation>Die NIfTI-Kopfdaten sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The NRRD header contradicts itself or cannot be read.</source>
        <translation>Die NRRD-Kopfdaten widersprechen sich oder sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The NRRD header does not state its byte order (endian).</source>
        <translation>Die NRRD-Kopfdaten nennen ihre Bytereihenfolge nicht (endian).</translation>
    </message>
    <message>
        <source>The NRRD header does not state: {items}.</source>
        <translation>Die NRRD-Kopfdaten nennen nicht: {items}.</translation>
    </message>
    <message>
        <source>The OME text in the file counts {match} planes or pixels, which cannot be.</source>
        <translation>Der OME-Text der Datei zählt {match} Ebenen oder Pixel, was nicht sein kann.</translation>
    </message>
    <message>
        <source>The OME text in the file is not one that is parsed.</source>
        <translation>Der OME-Text der Datei wird nicht ausgewertet.</translation>
    </message>
    <message>
        <source>The TIFF claims a page of {needed} tiles or strips and holds {there}.</source>
        <translation>Das TIFF nennt eine Seite aus {needed} Kacheln oder Streifen und enthält {there}.</translation>
    </message>
    <message>
        <source>The TIFF claims an image of {items} pixels.</source>
        <translation>Das TIFF nennt ein Bild von {items} Pixeln.</translation>
    </message>
    <message>
        <source>The TIFF header is cut.</source>
        <translation>Die TIFF-Kopfdaten sind abgeschnitten.</translation>
    </message>
    <message>
        <source>The TIFF holds no image.</source>
        <translation>Das TIFF enthält kein Bild.</translation>
    </message>
    <message>
        <source>The TIFF holds printing colours (CMYK), which are not read.</source>
        <translation>Das TIFF enthält Druckfarben (CMYK), die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The TIFF holds {count} separate images, the limit is {series_limit}.</source>
        <translation>Das TIFF enthält {count} getrennte Bilder, die Grenze ist {series_limit}.</translation>
    </message>
    <message>
        <source>The TIFF holds {name} values, which are not read.</source>
        <translation>Das TIFF enthält Werte der Art {name}, die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The TIFF is damaged or its tags contradict each other ({name}).</source>
        <translation>Das TIFF ist beschädigt, oder seine Tags widersprechen sich ({name}).</translation>
    </message>
    <message>
        <source>The TIFF names its axes in a way that is not read.</source>
        <translation>Das TIFF benennt seine Achsen so, dass es nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The answer cannot be handed over: {fault}.</source>
        <translation>Die Antwort kann nicht übergeben werden: {fault}.</translation>
    </message>
    <message>
        <source>The answer cannot be used: {name}{place}.</source>
        <translation>Die Antwort ist nicht brauchbar: {name}{place}.</translation>
    </message>
    <message>
        <source>The archive holds much more than its header says; the rest was not read and its checksum not verified.</source>
        <translation>Das Archiv enthält viel mehr, als seine Kopfdaten sagen; der Rest wurde nicht gelesen und seine Prüfsumme nicht geprüft.</translation>
    </message>
    <message>
        <source>The array has the shape {shape} and no number.</source>
        <translation>Das Array hat die Form {shape} und keine Zahl.</translation>
    </message>
    <message>
        <source>The array has {count} dimensions; 2 to {max_dimensions} were expected.</source>
        <translation>Das Array hat {count} Dimensionen; 2 bis {max_dimensions} wurden erwartet.</translation>
    </message>
    <message>
        <source>The array holds Python objects (a pickle), which are never opened.</source>
        <translation>Das Array enthält Python-Objekte (ein Pickle), die nie geöffnet werden.</translation>
    </message>
    <message>
        <source>The array holds {name} values, which are not read.</source>
        <translation>Das Array enthält Werte der Art {name}, die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The array is of version {version}.{version2} of its format, which is for tables with named columns.</source>
        <translation>Das Array hat Version {version}.{version2} seines Formats, die für Tabellen mit benannten Spalten ist.</translation>
    </message>
    <message>
        <source>The clip changed on the disk.</source>
        <translation>Der Clip hat sich auf der Platte geändert.</translation>
    </message>
    <message>
        <source>The compressed data are damaged or cut ({error}).</source>
        <translation>Die komprimierten Daten sind beschädigt oder abgeschnitten ({error}).</translation>
    </message>
    <message>
        <source>The compressed data are damaged.</source>
        <translation>Die komprimierten Daten sind beschädigt.</translation>
    </message>
    <message>
        <source>The data type code {code} is none of NIfTI.</source>
        <translation>Der Datentypcode {code} gehört nicht zu NIfTI.</translation>
    </message>
    <message>
        <source>The description of the dataset lacks Name or BIDSVersion.</source>
        <translation>Der Beschreibung des Datensatzes fehlt Name oder BIDSVersion.</translation>
    </message>
    <message>
        <source>The device has too little free memory for one slice.</source>
        <translation>Das Gerät hat zu wenig freien Speicher für eine Schicht.</translation>
    </message>
    <message>
        <source>The device has too little free memory for one tile.</source>
        <translation>Das Gerät hat zu wenig freien Speicher für eine Kachel.</translation>
    </message>
    <message>
        <source>The device has too little free memory for the smallest tile.</source>
        <translation>Das Gerät hat zu wenig freien Speicher für die kleinste Kachel.</translation>
    </message>
    <message>
        <source>The device has too little free memory to explain a slice.</source>
        <translation>Das Gerät hat zu wenig freien Speicher, um eine Schicht zu erklären.</translation>
    </message>
    <message>
        <source>The distance between slices is not stated; the pixel spacing was taken.</source>
        <translation>Der Abstand der Schichten ist nicht angegeben; der Pixelabstand wurde genommen.</translation>
    </message>
    <message>
        <source>The distance between slices varies from {min} to {max} mm; lengths across slices are wrong.</source>
        <translation>Der Abstand der Schichten schwankt zwischen {min} und {max} mm; Längen quer zu den Schichten sind falsch.</translation>
    </message>
    <message>
        <source>The encoder for {title} did not give one packet for each frame.</source>
        <translation>Der Kodierer für {title} gab nicht ein Paket für jedes Bild.</translation>
    </message>
    <message>
        <source>The encoder for {title} gave up ({name}).</source>
        <translation>Der Kodierer für {title} gab auf ({name}).</translation>
    </message>
    <message>
        <source>The export could not be written: {value}.</source>
        <translation>Der Export konnte nicht geschrieben werden: {value}.</translation>
    </message>
    <message>
        <source>The file cannot be read ({strerror}).</source>
        <translation>Die Datei ist nicht lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The file cannot be read any more ({strerror}).</source>
        <translation>Die Datei ist nicht mehr lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The file claims frames of {size_words} in {size_words2}.</source>
        <translation>Die Datei nennt Bilder von {size_words} in {size_words2}.</translation>
    </message>
    <message>
        <source>The file claims {size_words} of pixels in {size_words2}.</source>
        <translation>Die Datei nennt {size_words} an Pixeln in {size_words2}.</translation>
    </message>
    <message>
        <source>The file could not be written: {value}.</source>
        <translation>Die Datei konnte nicht geschrieben werden: {value}.</translation>
    </message>
    <message>
        <source>The file does not say how its space lies in the patient.</source>
        <translation>Die Datei sagt nicht, wie ihr Raum im Patienten liegt.</translation>
    </message>
    <message>
        <source>The file does not say how the volume lies in the patient.</source>
        <translation>Die Datei sagt nicht, wie das Volumen im Patienten liegt.</translation>
    </message>
    <message>
        <source>The file does not say how the volume lies in the patient: left and right, front and back cannot be told.</source>
        <translation>Die Datei sagt nicht, wie das Volumen im Patienten liegt: Links und rechts, vorn und hinten sind nicht zu unterscheiden.</translation>
    </message>
    <message>
        <source>The file does not say how the volume lies.</source>
        <translation>Die Datei sagt nicht, wie das Volumen liegt.</translation>
    </message>
    <message>
        <source>The file has changed since it was looked at.</source>
        <translation>Die Datei hat sich geändert, seit sie angesehen wurde.</translation>
    </message>
    <message>
        <source>The file holds a volume, not frames in time.</source>
        <translation>Die Datei enthält ein Volumen, keine Bilder in der Zeit.</translation>
    </message>
    <message>
        <source>The file holds complex values that are to be shifted, which is not read.</source>
        <translation>Die Datei enthält komplexe Werte, die zu verschieben wären, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The file holds one row of {sizes} numbers, not an image.</source>
        <translation>Die Datei enthält eine Reihe von {sizes} Zahlen, kein Bild.</translation>
    </message>
    <message>
        <source>The file holds values of the kind {stated}, which are not read.</source>
        <translation>Die Datei enthält Werte der Art {stated}, die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The file holds {unread_types} values, which are not read.</source>
        <translation>Die Datei enthält Werte der Art {unread_types}, die nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The file holds {what}.</source>
        <translation>Die Datei enthält {what}.</translation>
    </message>
    <message>
        <source>The file is cut: {error}.</source>
        <translation>Die Datei ist abgeschnitten: {error}.</translation>
    </message>
    <message>
        <source>The file is no video any more.</source>
        <translation>Die Datei ist kein Video mehr.</translation>
    </message>
    <message>
        <source>The file is the header half of a pair, but its voxels, {stem}.img, are not beside it.</source>
        <translation>Die Datei ist die Hälfte eines Paars mit den Kopfdaten, aber ihre Voxel, {stem}.img, liegen nicht daneben.</translation>
    </message>
    <message>
        <source>The file may be damaged; try the others without it.</source>
        <translation>Die Datei kann beschädigt sein; versuchen Sie die anderen ohne sie.</translation>
    </message>
    <message>
        <source>The file of the site calibration cannot be read ({strerror}).</source>
        <translation>Die Datei der Kalibrierung des Standorts ist nicht lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The file of the site calibration is damaged ({error}).</source>
        <translation>Die Datei der Kalibrierung des Standorts ist beschädigt ({error}).</translation>
    </message>
    <message>
        <source>The file with the voxels, {clean_text}, is not beside the header.</source>
        <translation>Die Datei mit den Voxeln, {clean_text}, liegt nicht neben den Kopfdaten.</translation>
    </message>
    <message>
        <source>The files hold more images than the volume has slices: other volumes, echoes or phases that were not computed.</source>
        <translation>Die Dateien enthalten mehr Bilder, als das Volumen Schichten hat: andere Volumen, Echos oder Phasen, die nicht berechnet wurden.</translation>
    </message>
    <message>
        <source>The finished chunks are not in a row.</source>
        <translation>Die fertigen Abschnitte folgen nicht aufeinander.</translation>
    </message>
    <message>
        <source>The folder holds images of {count} patients or identities; this series is of one of them. Check that it is the one you mean.</source>
        <translation>Der Ordner enthält Bilder von {count} Patienten oder Identitäten; diese Serie gehört zu einem davon. Prüfen Sie, ob es der gemeinte ist.</translation>
    </message>
    <message>
        <source>The folder holds no batch.</source>
        <translation>Der Ordner enthält keinen Stapel.</translation>
    </message>
    <message>
        <source>The folder holds no share of a batch.</source>
        <translation>Der Ordner enthält keinen Anteil eines Stapels.</translation>
    </message>
    <message>
        <source>The folder is not empty.</source>
        <translation>Der Ordner ist nicht leer.</translation>
    </message>
    <message>
        <source>The frames cannot be read: {reason}.</source>
        <translation>Die Bilder sind nicht lesbar: {reason}.</translation>
    </message>
    <message>
        <source>The frames of this file do not say where they lie.</source>
        <translation>Die Bilder dieser Datei sagen nicht, wo sie liegen.</translation>
    </message>
    <message>
        <source>The frames take {length} GB; one DICOM object holds at most 4.3.</source>
        <translation>Die Bilder belegen {length} GB; ein DICOM-Objekt fasst höchstens 4,3.</translation>
    </message>
    <message>
        <source>The header claims more volumes than the file holds.</source>
        <translation>Die Kopfdaten nennen mehr Volumen, als die Datei enthält.</translation>
    </message>
    <message>
        <source>The header claims {size_words} of voxels, the file can hold at most {size_words2}.</source>
        <translation>Die Kopfdaten nennen {size_words} an Voxeln, die Datei kann höchstens {size_words2} enthalten.</translation>
    </message>
    <message>
        <source>The header does not end within {max_header_bytes} bytes.</source>
        <translation>Die Kopfdaten enden nicht innerhalb von {max_header_bytes} Bytes.</translation>
    </message>
    <message>
        <source>The header does not say where the voxels begin; byte {smallest} was taken.</source>
        <translation>Die Kopfdaten sagen nicht, wo die Voxel beginnen; Byte {smallest} wurde genommen.</translation>
    </message>
    <message>
        <source>The header gives the size {sizes}; every dimension must be at least 1.</source>
        <translation>Die Kopfdaten nennen die Größe {sizes}; jede Dimension muss mindestens 1 sein.</translation>
    </message>
    <message>
        <source>The header gives {count} sizes for {fields} dimensions.</source>
        <translation>Die Kopfdaten nennen {count} Größen für {fields} Dimensionen.</translation>
    </message>
    <message>
        <source>The header has the size of NIfTI-{version} but {what}.</source>
        <translation>Die Kopfdaten haben die Größe von NIfTI-{version}, aber {what}.</translation>
    </message>
    <message>
        <source>The header names a file outside its folder ({clean_text}), which is never opened.</source>
        <translation>Die Kopfdaten nennen eine Datei außerhalb ihres Ordners ({clean_text}), die nie geöffnet wird.</translation>
    </message>
    <message>
        <source>The header names its files by a pattern that is not understood.</source>
        <translation>Die Kopfdaten benennen ihre Dateien mit einem Muster, das nicht verstanden wird.</translation>
    </message>
    <message>
        <source>The header names {count} files; 1 to {piece_limit} were expected.</source>
        <translation>Die Kopfdaten nennen {count} Dateien; 1 bis {piece_limit} wurden erwartet.</translation>
    </message>
    <message>
        <source>The header of the array cannot be read.</source>
        <translation>Die Kopfdaten des Arrays sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The header of the source cannot be used ({name}).</source>
        <translation>Die Kopfdaten der Vorlage sind nicht brauchbar ({name}).</translation>
    </message>
    <message>
        <source>The header of the source cannot be written again ({name}).</source>
        <translation>Die Kopfdaten der Vorlage lassen sich nicht wieder schreiben ({name}).</translation>
    </message>
    <message>
        <source>The header says that the voxels begin at byte {stated}, which cannot be.</source>
        <translation>Die Kopfdaten sagen, dass die Voxel bei Byte {stated} beginnen, was nicht sein kann.</translation>
    </message>
    <message>
        <source>The header says {channels} channels.</source>
        <translation>Die Kopfdaten nennen {channels} Kanäle.</translation>
    </message>
    <message>
        <source>The header says {int} bits per voxel, its data type has {bits}; the data type was taken.</source>
        <translation>Die Kopfdaten nennen {int} Bit je Voxel, ihr Datentyp hat {bits}; der Datentyp wurde genommen.</translation>
    </message>
    <message>
        <source>The header says {plural}, {there} can be shown{why}.</source>
        <translation>Die Kopfdaten nennen {plural}, {there} können gezeigt werden{why}.</translation>
    </message>
    <message>
        <source>The header skips more lines than the file has.</source>
        <translation>Die Kopfdaten überspringen mehr Zeilen, als die Datei hat.</translation>
    </message>
    <message>
        <source>The header skips {skip} bytes and {lines} lines, which cannot be.</source>
        <translation>Die Kopfdaten überspringen {skip} Bytes und {lines} Zeilen, was nicht sein kann.</translation>
    </message>
    <message>
        <source>The header skips {skip} bytes, which cannot be.</source>
        <translation>Die Kopfdaten überspringen {skip} Bytes, was nicht sein kann.</translation>
    </message>
    <message>
        <source>The header&apos;s TransformMatrix is no valid placement (zero or flat) and was left out.</source>
        <translation>Die TransformMatrix der Kopfdaten ist keine gültige Lage (null oder flach) und wurde weggelassen.</translation>
    </message>
    <message>
        <source>The header&apos;s qfac is {pixdim} instead of 1 or -1: left and right cannot be told.</source>
        <translation>Der qfac der Kopfdaten ist {pixdim} statt 1 oder -1: Links und rechts sind nicht zu unterscheiden.</translation>
    </message>
    <message>
        <source>The header&apos;s qform is no valid rotation and was left out.</source>
        <translation>Die qform der Kopfdaten ist keine gültige Drehung und wurde weggelassen.</translation>
    </message>
    <message>
        <source>The header&apos;s sform is no valid placement (zero, not a number or flat) and was left out.</source>
        <translation>Die sform der Kopfdaten ist keine gültige Lage (null, keine Zahl oder flach) und wurde weggelassen.</translation>
    </message>
    <message>
        <source>The header&apos;s space directions are no valid placement (zero, not a number or flat) and were left out.</source>
        <translation>Die space directions der Kopfdaten sind keine gültige Lage (null, keine Zahl oder flach) und wurden weggelassen.</translation>
    </message>
    <message>
        <source>The headers of the images do not let images be made of them ({name}).</source>
        <translation>Aus den Kopfdaten der Bilder lassen sich keine Bilder machen ({name}).</translation>
    </message>
    <message>
        <source>The image does not read back as it was written.</source>
        <translation>Das Bild liest sich nicht so zurück, wie es geschrieben wurde.</translation>
    </message>
    <message>
        <source>The image {why}; it does not say how it lies in the patient.</source>
        <translation>Das Bild {why}; es sagt nicht, wie es im Patienten liegt.</translation>
    </message>
    <message>
        <source>The images do not cover the label map.</source>
        <translation>Die Bilder decken die Labelkarte nicht ab.</translation>
    </message>
    <message>
        <source>The images do not lie on the grid of the {what}.</source>
        <translation>Die Bilder liegen nicht auf dem Gitter: {what}.</translation>
    </message>
    <message>
        <source>The images do not say where they lie in the patient.</source>
        <translation>Die Bilder sagen nicht, wo sie im Patienten liegen.</translation>
    </message>
    <message>
        <source>The images do not say where they lie in the patient; their order is that of slice location or instance number.</source>
        <translation>Die Bilder sagen nicht, wo sie im Patienten liegen; ihre Reihenfolge ist die von Schichtlage oder Instanznummer.</translation>
    </message>
    <message>
        <source>The images lack something that a DICOM SEG takes from them ({name}).</source>
        <translation>Den Bildern fehlt etwas, das ein DICOM SEG von ihnen übernimmt ({name}).</translation>
    </message>
    <message>
        <source>The images reach beyond the {what}.</source>
        <translation>Die Bilder reichen darüber hinaus: {what}.</translation>
    </message>
    <message>
        <source>The input changed while the batch was at work.</source>
        <translation>Die Eingabe hat sich geändert, während der Stapel arbeitete.</translation>
    </message>
    <message>
        <source>The watched folder is gone; waiting until it is back</source>
        <translation>Der überwachte Ordner ist weg; warte, bis er wieder da ist</translation>
    </message>
    <message>
        <source>Going on</source>
        <translation>Es geht weiter</translation>
    </message>
    <message>
        <source>The input folder is gone; waiting until it is back</source>
        <translation>Der Eingabeordner ist weg; warte, bis er wieder da ist</translation>
    </message>
    <message>
        <source>The label map has {shape} voxels, its volume {shape2}.</source>
        <translation>Die Labelkarte hat {shape} Voxel, ihr Volumen {shape2}.</translation>
    </message>
    <message>
        <source>The label map has {shape} voxels, the volume {shape2}.</source>
        <translation>Die Labelkarte hat {shape} Voxel, das Volumen {shape2}.</translation>
    </message>
    <message>
        <source>The ledger of the batch cannot be read.</source>
        <translation>Die Dateibilanz des Stapels ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The level changed from {median} to {median2} (medians) at number {numbers}; by chance in {chance} of such rows.</source>
        <translation>Das Niveau änderte sich von {median} auf {median2} (Mediane) bei Nummer {numbers}; zufällig in {chance} solcher Reihen.</translation>
    </message>
    <message>
        <source>The metrics are for volumes; this is a video.</source>
        <translation>Die Metriken sind für Volumen; dies ist ein Video.</translation>
    </message>
    <message>
        <source>The network gave a value that is not a number.</source>
        <translation>Das Netz gab einen Wert, der keine Zahl ist.</translation>
    </message>
    <message>
        <source>The numbers of the pictures leave out at least {missing}; slices may be missing.</source>
        <translation>Die Nummern der Bilder lassen mindestens {missing} aus; Schichten können fehlen.</translation>
    </message>
    <message>
        <source>The operator cannot be written ({strerror}).</source>
        <translation>Der Operator kann nicht geschrieben werden ({strerror}).</translation>
    </message>
    <message>
        <source>The operator was fitted in the space {wanted}, which is not installed.</source>
        <translation>Der Operator wurde im Raum {wanted} angepasst, der nicht installiert ist.</translation>
    </message>
    <message>
        <source>The orientation of the images {words}: left and right cannot be told.</source>
        <translation>Die Lage der Bilder {words}: Links und rechts sind nicht zu unterscheiden.</translation>
    </message>
    <message>
        <source>The output folder and the input lie one in the other.</source>
        <translation>Ausgabeordner und Eingabe liegen ineinander.</translation>
    </message>
    <message>
        <source>The output folder cannot be written ({error}).</source>
        <translation>Der Ausgabeordner lässt sich nicht beschreiben ({error}).</translation>
    </message>
    <message>
        <source>The output folder cannot be written: {strerror}.</source>
        <translation>Der Ausgabeordner lässt sich nicht beschreiben: {strerror}.</translation>
    </message>
    <message>
        <source>The output folder cannot be written: {why}.</source>
        <translation>Der Ausgabeordner lässt sich nicht beschreiben: {why}.</translation>
    </message>
    <message>
        <source>The output folder holds a batch with {why}.</source>
        <translation>Der Ausgabeordner enthält einen Stapel mit: {why}.</translation>
    </message>
    <message>
        <source>The output folder holds files that are to be exported.</source>
        <translation>Der Ausgabeordner enthält Dateien, die exportiert werden sollen.</translation>
    </message>
    <message>
        <source>The output folder holds this batch already.</source>
        <translation>Der Ausgabeordner enthält diesen Stapel bereits.</translation>
    </message>
    <message>
        <source>The output folder is not empty and holds no batch.</source>
        <translation>Der Ausgabeordner ist nicht leer und enthält keinen Stapel.</translation>
    </message>
    <message>
        <source>The output lies in the folder that is read.</source>
        <translation>Die Ausgabe liegt in dem Ordner, der gelesen wird.</translation>
    </message>
    <message>
        <source>The output would replace a file that was read.</source>
        <translation>Die Ausgabe würde eine Datei ersetzen, die gelesen wurde.</translation>
    </message>
    <message>
        <source>The pages of the TIFF follow each other without end.</source>
        <translation>Die Seiten des TIFF folgen einander ohne Ende.</translation>
    </message>
    <message>
        <source>The part of the series is unknown ({error}).</source>
        <translation>Der Teil der Serie ist unbekannt ({error}).</translation>
    </message>
    <message>
        <source>The picture claims more pixels than are read.</source>
        <translation>Das Bild nennt mehr Pixel, als gelesen werden.</translation>
    </message>
    <message>
        <source>The picture has changed since it was looked at.</source>
        <translation>Das Bild hat sich geändert, seit es angesehen wurde.</translation>
    </message>
    <message>
        <source>The picture has {shape}, its header says {expected}.</source>
        <translation>Das Bild hat {shape}, seine Kopfdaten sagen {expected}.</translation>
    </message>
    <message>
        <source>The pixel spacing is not stated or no length; do not measure in mm.</source>
        <translation>Der Pixelabstand ist nicht angegeben oder keine Länge; messen Sie nicht in mm.</translation>
    </message>
    <message>
        <source>The pixels cannot be decoded; the file is damaged.</source>
        <translation>Die Pixel lassen sich nicht dekodieren; die Datei ist beschädigt.</translation>
    </message>
    <message>
        <source>The process that did the work ended twice, at last with {how}.</source>
        <translation>Der Prozess, der die Arbeit tat, endete zweimal, zuletzt mit {how}.</translation>
    </message>
    <message>
        <source>The process that did the work sent {fault}.</source>
        <translation>Der Prozess, der die Arbeit tat, sandte {fault}.</translation>
    </message>
    <message>
        <source>The record cannot be written: {error}.</source>
        <translation>Der Datensatz lässt sich nicht schreiben: {error}.</translation>
    </message>
    <message>
        <source>The reference has {by} voxels, this series {by2}.</source>
        <translation>Die Referenz hat {by} Voxel, diese Serie {by2}.</translation>
    </message>
    <message>
        <source>The reference lies elsewhere: corners of the two grids are {apart} mm apart.</source>
        <translation>Die Referenz liegt anderswo: Ecken der beiden Gitter sind {apart} mm voneinander entfernt.</translation>
    </message>
    <message>
        <source>The report could not be written: {value}.</source>
        <translation>Der Bericht konnte nicht geschrieben werden: {value}.</translation>
    </message>
    <message>
        <source>The rescale slope {slope} and intercept {intercept} cannot be used; the stored values are shown as they are.</source>
        <translation>Skalierungssteigung {slope} und Achsenabschnitt {intercept} sind nicht brauchbar; die gespeicherten Werte werden gezeigt, wie sie sind.</translation>
    </message>
    <message>
        <source>The result could not be written: {value}.</source>
        <translation>Das Ergebnis konnte nicht geschrieben werden: {value}.</translation>
    </message>
    <message>
        <source>The result of a series cannot be read.</source>
        <translation>Das Ergebnis einer Serie ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The result of a series is no object.</source>
        <translation>Das Ergebnis einer Serie ist kein Objekt.</translation>
    </message>
    <message>
        <source>The results cannot be read ({strerror}).</source>
        <translation>Die Ergebnisse sind nicht lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The results cannot be written ({why}); waiting</source>
        <translation>Die Ergebnisse lassen sich nicht schreiben ({why}); warte</translation>
    </message>
    <message>
        <source>The results need about {bytes_needed} MiB; {free} MiB are free.</source>
        <translation>Die Ergebnisse brauchen etwa {bytes_needed} MiB; {free} MiB sind frei.</translation>
    </message>
    <message>
        <source>The scan needs {readable} of memory, but {readable2} are available.</source>
        <translation>Die Aufnahme braucht {readable} Speicher, aber {readable2} sind verfügbar.</translation>
    </message>
    <message>
        <source>The scheduler at {address} does not answer.</source>
        <translation>Der Scheduler bei {address} antwortet nicht.</translation>
    </message>
    <message>
        <source>The scheduler at {address} has no workers.</source>
        <translation>Der Scheduler bei {address} hat keine Arbeiter.</translation>
    </message>
    <message>
        <source>The scores would be those of {used}: {note}.</source>
        <translation>Die Bewertungen wären die von {used}: {note}.</translation>
    </message>
    <message>
        <source>The search for files had not ended; images of this series may be missing.</source>
        <translation>Die Suche nach Dateien war nicht beendet; Bilder dieser Serie können fehlen.</translation>
    </message>
    <message>
        <source>The series claims {size_words} of pixels, the limit is {size_words2}.</source>
        <translation>Die Serie nennt {size_words} an Pixeln, die Grenze ist {size_words2}.</translation>
    </message>
    <message>
        <source>The series has {count} files, and one was named.</source>
        <translation>Die Serie hat {count} Dateien, und eine wurde genannt.</translation>
    </message>
    <message>
        <source>The series mixes single images with files of many.</source>
        <translation>Die Serie mischt Einzelbilder mit Dateien aus vielen.</translation>
    </message>
    <message>
        <source>The sidecar is too large to be one.</source>
        <translation>Die Begleitdatei ist zu groß, um eine zu sein.</translation>
    </message>
    <message>
        <source>The site file cannot be read ({strerror}).</source>
        <translation>Die Standortdatei ist nicht lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The site file has more than {size_limit_bytes} bytes.</source>
        <translation>Die Standortdatei hat mehr als {size_limit_bytes} Bytes.</translation>
    </message>
    <message>
        <source>The site file is no TOML: {error}.</source>
        <translation>Die Standortdatei ist kein TOML: {error}.</translation>
    </message>
    <message>
        <source>The site file is not text in UTF-8.</source>
        <translation>Die Standortdatei ist kein Text in UTF-8.</translation>
    </message>
    <message>
        <source>The site file that is {source} does not exist.</source>
        <translation>Die Standortdatei, die {source} ist, gibt es nicht.</translation>
    </message>
    <message>
        <source>The source is gone.</source>
        <translation>Die Vorlage ist weg.</translation>
    </message>
    <message>
        <source>The spatial unit has the unknown code {unit}; mm were assumed.</source>
        <translation>Die räumliche Einheit hat den unbekannten Code {unit}; mm wurden angenommen.</translation>
    </message>
    <message>
        <source>The stack is tilted by {degrees} degrees against its slices; planes across the slices are drawn sheared.</source>
        <translation>Der Stapel ist um {degrees} Grad gegen seine Schichten gekippt; Ebenen quer zu den Schichten werden geschert gezeichnet.</translation>
    </message>
    <message>
        <source>The table cannot be read: {strerror}.</source>
        <translation>Die Tabelle ist nicht lesbar: {strerror}.</translation>
    </message>
    <message>
        <source>The table has no column {time_column}.</source>
        <translation>Die Tabelle hat keine Spalte {time_column}.</translation>
    </message>
    <message>
        <source>The table is no text in UTF-8.</source>
        <translation>Die Tabelle ist kein Text in UTF-8.</translation>
    </message>
    <message>
        <source>The table is too large for one of measurements.</source>
        <translation>Die Tabelle ist zu groß für eine mit Messungen.</translation>
    </message>
    <message>
        <source>The text holds numbers that are no {name}.</source>
        <translation>Der Text enthält Zahlen, die nicht von der Art {name} sind.</translation>
    </message>
    <message>
        <source>The text holds {size} numbers, {count} were expected.</source>
        <translation>Der Text enthält {size} Zahlen, {count} wurden erwartet.</translation>
    </message>
    <message>
        <source>The two placements in the header, sform (code {sform_code}) and qform (code {qform_code}), differ by up to {mm} mm; the sform was taken.</source>
        <translation>Die beiden Lagen in den Kopfdaten, sform (Code {sform_code}) und qform (Code {qform_code}), unterscheiden sich um bis zu {mm} mm; die sform wurde genommen.</translation>
    </message>
    <message>
        <source>The two were not acquired with the same settings.</source>
        <translation>Die beiden wurden nicht mit denselben Einstellungen aufgenommen.</translation>
    </message>
    <message>
        <source>The video cannot be opened: it is cut or damaged, or its index is missing.</source>
        <translation>Das Video lässt sich nicht öffnen: Es ist abgeschnitten oder beschädigt, oder sein Index fehlt.</translation>
    </message>
    <message>
        <source>The video cannot be put together ({name}).</source>
        <translation>Das Video lässt sich nicht zusammensetzen ({name}).</translation>
    </message>
    <message>
        <source>The video claims frames of {width} x {height} pixels; at most {max_pixels} million are read.</source>
        <translation>Das Video nennt Bilder von {width} x {height} Pixeln; höchstens {max_pixels} Millionen werden gelesen.</translation>
    </message>
    <message>
        <source>The video claims more than {max_frames} frames.</source>
        <translation>Das Video nennt mehr als {max_frames} Bilder.</translation>
    </message>
    <message>
        <source>The video is coded as {name}, which is not read.</source>
        <translation>Das Video ist als {name} kodiert, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The video is coded in a way that is not known.</source>
        <translation>Das Video ist auf unbekannte Weise kodiert.</translation>
    </message>
    <message>
        <source>The video states no size of its frames, or one beyond {max_pixels} million pixels.</source>
        <translation>Das Video nennt keine Größe seiner Bilder oder eine über {max_pixels} Millionen Pixel.</translation>
    </message>
    <message>
        <source>The volume has {plural} where others of its series have up to {places}; it does not cover the same part of the body.</source>
        <translation>Das Volumen hat {plural}, wo andere seiner Serie bis zu {places} haben; es deckt nicht denselben Teil des Körpers ab.</translation>
    </message>
    <message>
        <source>The volume would need {size_words}, the limit is {size_words2}.</source>
        <translation>Das Volumen bräuchte {size_words}, die Grenze ist {size_words2}.</translation>
    </message>
    <message>
        <source>The voxel axes are {degrees} degrees from square; shapes on the screen are drawn as if they were square.</source>
        <translation>Die Voxelachsen weichen um {degrees} Grad vom rechten Winkel ab; Formen auf dem Bildschirm werden gezeichnet, als wären sie rechtwinklig.</translation>
    </message>
    <message>
        <source>The voxel size in the header ({stated}) is no length; do not measure in mm.</source>
        <translation>Die Voxelgröße in den Kopfdaten ({stated}) ist keine Länge; messen Sie nicht in mm.</translation>
    </message>
    <message>
        <source>The voxels are encoded as {str}, which is not read.</source>
        <translation>Die Voxel sind als {str} kodiert, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The voxels are written as text of more than 256 MiB, which is not read.</source>
        <translation>Die Voxel sind als Text von mehr als 256 MiB geschrieben, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The voxels are written as text, which holds something else than numbers.</source>
        <translation>Die Voxel sind als Text geschrieben, der anderes als Zahlen enthält.</translation>
    </message>
    <message>
        <source>The voxels cannot be shared among {count} files.</source>
        <translation>Die Voxel lassen sich nicht auf {count} Dateien verteilen.</translation>
    </message>
    <message>
        <source>The voxels end a compressed file of unknown length, which is not read.</source>
        <translation>Die Voxel beenden eine komprimierte Datei unbekannter Länge, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The weights cannot be read ({strerror}).</source>
        <translation>Die Gewichte sind nicht lesbar ({strerror}).</translation>
    </message>
    <message>
        <source>The weights of {id} cannot be used: {error}</source>
        <translation>Die Gewichte von {id} sind nicht brauchbar: {error}</translation>
    </message>
    <message>
        <source>The whole clip at once needs about {needed} GB of memory.</source>
        <translation>Der ganze Clip auf einmal braucht etwa {needed} GB Speicher.</translation>
    </message>
    <message>
        <source>The work ended on the cluster with {name}.</source>
        <translation>Die Arbeit auf dem Cluster endete mit {name}.</translation>
    </message>
    <message>
        <source>The {items}; {instead}. Speeds may be wrong.</source>
        <translation>{items}; {instead}. Geschwindigkeiten können falsch sein.</translation>
    </message>
    <message>
        <source>The {kind} file holds {frames} frames, an animation.</source>
        <translation>Die Datei der Art {kind} enthält {frames} Bilder, eine Animation.</translation>
    </message>
    <message>
        <source>The {kind} picture holds {words}, which are not read.</source>
        <translation>Das Bild der Art {kind} enthält {words}, was nicht gelesen wird.</translation>
    </message>
    <message>
        <source>The {kind} picture is damaged or cut</source>
        <translation>Das Bild der Art {kind} ist beschädigt oder abgeschnitten</translation>
    </message>
    <message>
        <source>There are too few slices that show anything.</source>
        <translation>Es gibt zu wenige Schichten, die etwas zeigen.</translation>
    </message>
    <message>
        <source>There are {items}.</source>
        <translation>Es gibt {items}.</translation>
    </message>
    <message>
        <source>There is an operator of this name and version already.</source>
        <translation>Es gibt schon einen Operator dieses Namens und dieser Version.</translation>
    </message>
    <message>
        <source>There is no air to show: colours have no window.</source>
        <translation>Es gibt keine Luft zu zeigen: Farben haben kein Fenster.</translation>
    </message>
    <message>
        <source>There is no folder to write to.</source>
        <translation>Es gibt keinen Ordner, in den geschrieben wird.</translation>
    </message>
    <message>
        <source>There is no frame {start}; the video has {there}.</source>
        <translation>Es gibt kein Bild {start}; das Video hat {there}.</translation>
    </message>
    <message>
        <source>There is no slice {number}; there are {count}.</source>
        <translation>Es gibt keine Schicht {number}; es gibt {count}.</translation>
    </message>
    <message>
        <source>There is no slice {only}; there are {count}.</source>
        <translation>Es gibt keine Schicht {only}; es gibt {count}.</translation>
    </message>
    <message>
        <source>There is no such file or folder.</source>
        <translation>Es gibt keine solche Datei und keinen solchen Ordner.</translation>
    </message>
    <message>
        <source>There is no such folder.</source>
        <translation>Es gibt keinen solchen Ordner.</translation>
    </message>
    <message>
        <source>There is no version {version} of the site calibration; there are: {known}.</source>
        <translation>Es gibt keine Version {version} der Kalibrierung des Standorts; es gibt: {known}.</translation>
    </message>
    <message>
        <source>There is nothing to export.</source>
        <translation>Es gibt nichts zu exportieren.</translation>
    </message>
    <message>
        <source>There is too little memory for this scan.</source>
        <translation>Für diese Aufnahme ist zu wenig Speicher da.</translation>
    </message>
    <message>
        <source>These are slices of a volume, not frames in time. What differs from slice to slice is anatomy, not motion: the network may copy structures from one slice into another. Do not use the result for any measurement.</source>
        <translation>Dies sind Schichten eines Volumens, keine Bilder in der Zeit. Von Schicht zu Schicht unterscheidet sich Anatomie, nicht Bewegung: Das Netz kann Strukturen von einer Schicht in eine andere kopieren. Verwenden Sie das Ergebnis für keine Messung.</translation>
    </message>
    <message>
        <source>These weights cannot be used: {error}</source>
        <translation>Diese Gewichte sind nicht brauchbar: {error}</translation>
    </message>
    <message>
        <source>This copy of Acutance carries no weights for the model {model}.</source>
        <translation>Dieser Kopie von Acutance liegen keine Gewichte für das Modell {model} bei.</translation>
    </message>
    <message>
        <source>This copy of Acutance carries no weights to enlarge videos with.</source>
        <translation>Dieser Kopie von Acutance liegen keine Gewichte zum Vergrößern von Videos bei.</translation>
    </message>
    <message>
        <source>This copy of Acutance carries no weights to restore with ({restore_task}).</source>
        <translation>Dieser Kopie von Acutance liegen keine Gewichte zum Restaurieren bei ({restore_task}).</translation>
    </message>
    <message>
        <source>This copy of Acutance carries no weights to segment with (model {model}).</source>
        <translation>Dieser Kopie von Acutance liegen keine Gewichte zum Segmentieren bei (Modell {model}).</translation>
    </message>
    <message>
        <source>This copy of FFmpeg has no encoder for {title}.</source>
        <translation>Diese Kopie von FFmpeg hat keinen Kodierer für {title}.</translation>
    </message>
    <message>
        <source>This is a file; pictures are written to a folder.</source>
        <translation>Dies ist eine Datei; Bilder werden in einen Ordner geschrieben.</translation>
    </message>
    <message>
        <source>This is a share of another batch.</source>
        <translation>Dies ist ein Anteil eines anderen Stapels.</translation>
    </message>
    <message>
        <source>This is no BIDS dataset: its description cannot be read.</source>
        <translation>Dies ist kein BIDS-Datensatz: Seine Beschreibung ist nicht lesbar.</translation>
    </message>
    <message>
        <source>This is no table with a head: its columns have to be named, each differently.</source>
        <translation>Dies ist keine Tabelle mit Kopf: Ihre Spalten müssen benannt sein, jede anders.</translation>
    </message>
    <message>
        <source>This is no table: {error}.</source>
        <translation>Dies ist keine Tabelle: {error}.</translation>
    </message>
    <message>
        <source>This is {missing}.</source>
        <translation>Dies ist {missing}.</translation>
    </message>
    <message>
        <source>This operator cannot be used: {error}</source>
        <translation>Dieser Operator ist nicht brauchbar: {error}</translation>
    </message>
    <message>
        <source>This share of the batch is not at its end.</source>
        <translation>Dieser Anteil des Stapels ist nicht zu Ende.</translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation>Versuchen Sie es erneut.</translation>
    </message>
    <message>
        <source>Try again; with --device cpu if this machine&apos;s GPU is the cause.</source>
        <translation>Versuchen Sie es erneut; mit --device cpu, falls die GPU dieses Rechners die Ursache ist.</translation>
    </message>
    <message>
        <source>Unknown failure</source>
        <translation>Unbekannter Defekt</translation>
    </message>
    <message>
        <source>Upscale: videos with more pixels</source>
        <translation>Vergrößern: Videos mit mehr Pixeln</translation>
    </message>
    <message>
        <source>Use --device auto or --device cpu.</source>
        <translation>Verwenden Sie --device auto oder --device cpu.</translation>
    </message>
    <message>
        <source>Use --scale 2, or write a video or a folder of pictures.</source>
        <translation>Verwenden Sie --scale 2, oder schreiben Sie ein Video oder einen Ordner mit Bildern.</translation>
    </message>
    <message>
        <source>Use a smaller --chunk, close other programs or use --device cpu.</source>
        <translation>Verwenden Sie ein kleineres --chunk, schließen Sie andere Programme oder verwenden Sie --device cpu.</translation>
    </message>
    <message>
        <source>Use auto, cpu or cuda:N.</source>
        <translation>Verwenden Sie auto, cpu oder cuda:N.</translation>
    </message>
    <message>
        <source>Use other weights.</source>
        <translation>Verwenden Sie andere Gewichte.</translation>
    </message>
    <message>
        <source>Values reach only {reach}, less than can be computed with: they may come out as nothing.</source>
        <translation>Werte reichen nur bis {reach}, weniger, als sich rechnen lässt: Sie können als nichts herauskommen.</translation>
    </message>
    <message>
        <source>Values reach {max}, more than can be computed with.</source>
        <translation>Werte reichen bis {max}, mehr, als sich rechnen lässt.</translation>
    </message>
    <message>
        <source>Version {version} is there already and is never rewritten.</source>
        <translation>Version {version} ist schon da und wird nie überschrieben.</translation>
    </message>
    <message>
        <source>Video is written by PyAV, which is not installed.</source>
        <translation>Video wird von PyAV geschrieben, das nicht installiert ist.</translation>
    </message>
    <message>
        <source>Videos cannot be enlarged without PyAV, which is not installed.</source>
        <translation>Ohne PyAV, das nicht installiert ist, lassen sich Videos nicht vergrößern.</translation>
    </message>
    <message>
        <source>Wait for it, or choose another name.</source>
        <translation>Warten Sie darauf oder wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>Wait for its end, or choose another folder.</source>
        <translation>Warten Sie sein Ende ab oder wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>What is there of an earlier run was made of another source or with other settings.</source>
        <translation>Was von einem früheren Lauf da ist, entstand aus einer anderen Vorlage oder mit anderen Einstellungen.</translation>
    </message>
    <message>
        <source>What is there of an earlier run was made on another device, with other weights or another version of torch, or memory ended meanwhile.</source>
        <translation>Was von einem früheren Lauf da ist, entstand auf einem anderen Gerät, mit anderen Gewichten oder einer anderen Version von torch, oder der Speicher ging inzwischen aus.</translation>
    </message>
    <message>
        <source>What stands about the batch in the output folder cannot be read.</source>
        <translation>Was im Ausgabeordner über den Stapel steht, ist nicht lesbar.</translation>
    </message>
    <message>
        <source>Write a video or a folder of pictures.</source>
        <translation>Schreiben Sie ein Video oder einen Ordner mit Bildern.</translation>
    </message>
    <message>
        <source>Write each protocol as [[protocol]], in double brackets.</source>
        <translation>Schreiben Sie jedes Protokoll als [[protocol]], in doppelten Klammern.</translation>
    </message>
    <message>
        <source>Write each window as [[preset]], in double brackets.</source>
        <translation>Schreiben Sie jedes Fenster als [[preset]], in doppelten Klammern.</translation>
    </message>
    <message>
        <source>Write for example &quot;*t1*&quot; or [&quot;HEAD&quot;, &quot;BRAIN&quot;].</source>
        <translation>Schreiben Sie zum Beispiel &quot;*t1*&quot; oder [&quot;HEAD&quot;, &quot;BRAIN&quot;].</translation>
    </message>
    <message>
        <source>Write for example backend = &quot;torch-float32&quot;.</source>
        <translation>Zum Beispiel backend = &quot;torch-float32&quot; schreiben.</translation>
    </message>
    <message>
        <source>Write for example centre = 40 and width = 80.</source>
        <translation>Schreiben Sie zum Beispiel centre = 40 und width = 80.</translation>
    </message>
    <message>
        <source>Write for example language = &quot;de&quot;.</source>
        <translation>Schreiben Sie zum Beispiel language = &quot;de&quot;.</translation>
    </message>
    <message>
        <source>Write for example modality = &quot;CT&quot;.</source>
        <translation>Schreiben Sie zum Beispiel modality = &quot;CT&quot;.</translation>
    </message>
    <message>
        <source>Write for example name = &quot;Stroke&quot;.</source>
        <translation>Schreiben Sie zum Beispiel name = &quot;Stroke&quot;.</translation>
    </message>
    <message>
        <source>Write for example name = &quot;T1 of the head&quot;.</source>
        <translation>Schreiben Sie zum Beispiel name = &quot;T1 of the head&quot;.</translation>
    </message>
    <message>
        <source>Write for example score = &quot;Ctrl+Return&quot;, or &quot;&quot; for none.</source>
        <translation>Schreiben Sie zum Beispiel score = &quot;Ctrl+Return&quot;, oder &quot;&quot; für keine.</translation>
    </message>
    <message>
        <source>Write for example {key} = {example}.</source>
        <translation>Schreiben Sie zum Beispiel {key} = {example}.</translation>
    </message>
    <message>
        <source>Write format = {format} as the first line.</source>
        <translation>Schreiben Sie format = {format} als erste Zeile.</translation>
    </message>
    <message>
        <source>a 7-zip archive; unpack it first</source>
        <translation>ein 7-zip-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a BMP picture</source>
        <translation>ein BMP-Bild</translation>
    </message>
    <message>
        <source>a DICOM file whose header cannot be read (damaged or cut)</source>
        <translation>eine DICOM-Datei, deren Kopfdaten nicht lesbar sind (beschädigt oder abgeschnitten)</translation>
    </message>
    <message>
        <source>a DICOMDIR index; the files it names are found by themselves</source>
        <translation>ein DICOMDIR-Verzeichnis; die Dateien, die es nennt, werden für sich gefunden</translation>
    </message>
    <message>
        <source>a GIF picture</source>
        <translation>ein GIF-Bild</translation>
    </message>
    <message>
        <source>a JPEG 2000 picture</source>
        <translation>ein JPEG-2000-Bild</translation>
    </message>
    <message>
        <source>a JPEG picture</source>
        <translation>ein JPEG-Bild</translation>
    </message>
    <message>
        <source>a JSON or other text</source>
        <translation>ein JSON- oder anderer Text</translation>
    </message>
    <message>
        <source>a NetCDF or MINC file, which is not read yet</source>
        <translation>eine NetCDF- oder MINC-Datei, die noch nicht gelesen wird</translation>
    </message>
    <message>
        <source>a PDF document</source>
        <translation>ein PDF-Dokument</translation>
    </message>
    <message>
        <source>a PNG picture</source>
        <translation>ein PNG-Bild</translation>
    </message>
    <message>
        <source>a RAR archive; unpack it first</source>
        <translation>ein RAR-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a TIFF picture</source>
        <translation>ein TIFF-Bild</translation>
    </message>
    <message>
        <source>a Windows program</source>
        <translation>ein Windows-Programm</translation>
    </message>
    <message>
        <source>a bzip2 archive; unpack it first</source>
        <translation>ein bzip2-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a colour image; the network was made for MR</source>
        <translation>ein Farbbild; das Netz ist für MR gemacht</translation>
    </message>
    <message>
        <source>a colour image; the network was made for brain MR</source>
        <translation>ein Farbbild; das Netz ist für MR des Gehirns gemacht</translation>
    </message>
    <message>
        <source>a colour image; the network was trained on brain MR</source>
        <translation>ein Farbbild; das Netz wurde an MR des Gehirns trainiert</translation>
    </message>
    <message>
        <source>a device, not a file</source>
        <translation>ein Gerät, keine Datei</translation>
    </message>
    <message>
        <source>a duplicate of an image of the series</source>
        <translation>ein Doppel eines Bildes der Serie</translation>
    </message>
    <message>
        <source>a gzip archive that is cut</source>
        <translation>ein gzip-Archiv, das abgeschnitten ist</translation>
    </message>
    <message>
        <source>a hidden folder</source>
        <translation>ein versteckter Ordner</translation>
    </message>
    <message>
        <source>a link that leads nowhere</source>
        <translation>ein Verweis, der ins Leere führt</translation>
    </message>
    <message>
        <source>a link to a folder that is read already</source>
        <translation>ein Verweis auf einen Ordner, der schon gelesen wird</translation>
    </message>
    <message>
        <source>a link, which is not followed</source>
        <translation>ein Verweis, dem nicht gefolgt wird</translation>
    </message>
    <message>
        <source>a named pipe, not a file</source>
        <translation>eine benannte Pipe, keine Datei</translation>
    </message>
    <message>
        <source>a picture of a phone (HEIF, AVIF) or a file of that family</source>
        <translation>ein Bild eines Telefons (HEIF, AVIF) oder eine Datei dieser Familie</translation>
    </message>
    <message>
        <source>a pointer to a file that was not downloaded (Git LFS)</source>
        <translation>ein Zeiger auf eine Datei, die nicht geladen wurde (Git LFS)</translation>
    </message>
    <message>
        <source>a restored image; only the scan itself is judged</source>
        <translation>ein restauriertes Bild; beurteilt wird nur die Aufnahme selbst</translation>
    </message>
    <message>
        <source>a socket, not a file</source>
        <translation>ein Socket, keine Datei</translation>
    </message>
    <message>
        <source>a sound or a WebP picture</source>
        <translation>ein Ton oder ein WebP-Bild</translation>
    </message>
    <message>
        <source>a tar archive; unpack it first</source>
        <translation>ein tar-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a video; the network was trained on slices of brain MR</source>
        <translation>ein Video; das Netz wurde an Schichten von MR des Gehirns trainiert</translation>
    </message>
    <message>
        <source>a video; to read video {install}</source>
        <translation>ein Video; um Video zu lesen: {install}</translation>
    </message>
    <message>
        <source>a web page, perhaps the error page of a failed download</source>
        <translation>eine Webseite, vielleicht die Fehlerseite eines gescheiterten Ladens</translation>
    </message>
    <message>
        <source>a zip archive that is cut or damaged</source>
        <translation>ein zip-Archiv, das abgeschnitten oder beschädigt ist</translation>
    </message>
    <message>
        <source>a zip archive; unpack it first</source>
        <translation>ein zip-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a zstd archive; unpack it first</source>
        <translation>ein zstd-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>a {modality} object, which is not read yet</source>
        <translation>ein {modality}-Objekt, das noch nicht gelesen wird</translation>
    </message>
    <message>
        <source>about {min} independent samples for {size} values of a patch; more slices would steady it</source>
        <translation>etwa {min} unabhängige Stichproben für {size} Werte eines Ausschnitts; mehr Schichten würden ihn festigen</translation>
    </message>
    <message>
        <source>accept</source>
        <translation>annehmen</translation>
    </message>
    <message>
        <source>accept with note</source>
        <translation>mit Vermerk annehmen</translation>
    </message>
    <message>
        <source>air background</source>
        <translation>Lufthintergrund</translation>
    </message>
    <message>
        <source>an HDF5 or MINC file, which is not read yet</source>
        <translation>eine HDF5- oder MINC-Datei, die noch nicht gelesen wird</translation>
    </message>
    <message>
        <source>an XML text</source>
        <translation>ein XML-Text</translation>
    </message>
    <message>
        <source>an empty zip archive</source>
        <translation>ein leeres zip-Archiv</translation>
    </message>
    <message>
        <source>an xz archive; unpack it first</source>
        <translation>ein xz-Archiv; entpacken Sie es zuerst</translation>
    </message>
    <message>
        <source>and {n} more slice</source>
        <translation>und {n} weitere Schicht</translation>
    </message>
    <message>
        <source>and {n} more slices</source>
        <translation>und {n} weitere Schichten</translation>
    </message>
    <message>
        <source>at the same position as another slice</source>
        <translation>am selben Ort wie eine andere Schicht</translation>
    </message>
    <message>
        <source>badly conditioned: some directions rest on almost nothing</source>
        <translation>schlecht konditioniert: Manche Richtungen ruhen auf fast nichts</translation>
    </message>
    <message>
        <source>bone</source>
        <translation>Knochen</translation>
    </message>
    <message>
        <source>brain</source>
        <translation>Gehirn</translation>
    </message>
    <message>
        <source>cannot be read ({strerror})</source>
        <translation>nicht lesbar ({strerror})</translation>
    </message>
    <message>
        <source>cannot be unpacked ({strerror})</source>
        <translation>nicht entpackbar ({strerror})</translation>
    </message>
    <message>
        <source>carries no mark, as in Analyze 7.5</source>
        <translation>sie tragen kein Kennzeichen, wie in Analyze 7.5</translation>
    </message>
    <message>
        <source>carries the mark {mark}</source>
        <translation>sie tragen das Kennzeichen {mark}</translation>
    </message>
    <message>
        <source>cine rate</source>
        <translation>Cine-Rate</translation>
    </message>
    <message>
        <source>claims to be an image of the series, but has other pixels</source>
        <translation>gibt sich als Bild der Serie aus, hat aber andere Pixel</translation>
    </message>
    <message>
        <source>colours from the palette of the file</source>
        <translation>Farben aus der Palette der Datei</translation>
    </message>
    <message>
        <source>complex values; their magnitude is shown</source>
        <translation>komplexe Werte; ihr Betrag wird gezeigt</translation>
    </message>
    <message>
        <source>compressed with loss before it came here</source>
        <translation>mit Verlust komprimiert, bevor es hierher kam</translation>
    </message>
    <message>
        <source>cut inside its pixels</source>
        <translation>in den Pixeln abgeschnitten</translation>
    </message>
    <message>
        <source>decoded in part on opening: the first {checked} of {count} frames were checked for damage</source>
        <translation>beim Öffnen teilweise dekodiert: Die ersten {checked} von {count} Bildern wurden auf Schäden geprüft</translation>
    </message>
    <message>
        <source>does not say where it lies in the patient</source>
        <translation>sagt nicht, wo es im Patienten liegt</translation>
    </message>
    <message>
        <source>edited by hand</source>
        <translation>von Hand bearbeitet</translation>
    </message>
    <message>
        <source>encrypted; unpack it with its password first</source>
        <translation>verschlüsselt; entpacken Sie es zuerst mit dem Passwort</translation>
    </message>
    <message>
        <source>ends before its pixels</source>
        <translation>endet vor den Pixeln</translation>
    </message>
    <message>
        <source>every voxel has the same value</source>
        <translation>jedes Voxel hat denselben Wert</translation>
    </message>
    <message>
        <source>exit code {code}</source>
        <translation>Rückgabewert {code}</translation>
    </message>
    <message>
        <source>explanation of a prediction, not for diagnosis</source>
        <translation>Erklärung einer Vorhersage, nicht zur Diagnose</translation>
    </message>
    <message>
        <source>finished before: {done} done, {failed} failed</source>
        <translation>zuvor beendet: {done} fertig, {failed} gescheitert</translation>
    </message>
    <message>
        <source>flipped</source>
        <translation>gespiegelt</translation>
    </message>
    <message>
        <source>frame time</source>
        <translation>Bildzeit</translation>
    </message>
    <message>
        <source>frame time vector</source>
        <translation>Liste der Bildzeiten</translation>
    </message>
    <message>
        <source>frames are not evenly spaced: {value} to {value2} ms apart; each has its own time</source>
        <translation>Bilder folgen ungleichmäßig: {value} bis {value2} ms; jedes hat seine eigene Zeit</translation>
    </message>
    <message>
        <source>going on</source>
        <translation>es geht weiter</translation>
    </message>
    <message>
        <source>grey matter</source>
        <translation>graue Substanz</translation>
    </message>
    <message>
        <source>hidden file</source>
        <translation>versteckte Datei</translation>
    </message>
    <message>
        <source>highest {gain_top} · {regions} random {gain_random_mean} (at most {gain_random_max}) · lowest {gain_low}</source>
        <translation>höchste {gain_top} · {regions} zufällige {gain_random_mean} (höchstens {gain_random_max}) · niedrigste {gain_low}</translation>
    </message>
    <message>
        <source>holds no image (a report or other object)</source>
        <translation>enthält kein Bild (ein Bericht oder anderes Objekt)</translation>
    </message>
    <message>
        <source>holds no image, or is cut before it</source>
        <translation>enthält kein Bild oder ist davor abgeschnitten</translation>
    </message>
    <message>
        <source>holds zeros where its header should be; it was not fully copied</source>
        <translation>enthält Nullen, wo seine Kopfdaten sein sollten; es wurde nicht ganz kopiert</translation>
    </message>
    <message>
        <source>interlaced: the two fields of a frame are shown as they are, woven together</source>
        <translation>verschachtelt: Die beiden Halbbilder werden gezeigt, wie sie sind, ineinander verwoben</translation>
    </message>
    <message>
        <source>is no valid pair of directions</source>
        <translation>ist kein gültiges Paar von Richtungen</translation>
    </message>
    <message>
        <source>is not stated</source>
        <translation>ist nicht angegeben</translation>
    </message>
    <message>
        <source>it holds no pixels</source>
        <translation>es enthält keine Pixel</translation>
    </message>
    <message>
        <source>it is cut or damaged</source>
        <translation>es ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
        <source>its compressed pixel data is damaged</source>
        <translation>seine komprimierten Pixeldaten sind beschädigt</translation>
    </message>
    <message>
        <source>its header is damaged</source>
        <translation>seine Kopfdaten sind beschädigt</translation>
    </message>
    <message>
        <source>its pixel data is empty</source>
        <translation>seine Pixeldaten sind leer</translation>
    </message>
    <message>
        <source>its pixels are damaged</source>
        <translation>seine Pixel sind beschädigt</translation>
    </message>
    <message>
        <source>its pixels may show who it is (Recognizable Visual Features is YES)</source>
        <translation>seine Pixel können zeigen, wer es ist (Recognizable Visual Features ist YES)</translation>
    </message>
    <message>
        <source>its pixels may show who it is (a photograph or video)</source>
        <translation>seine Pixel können zeigen, wer es ist (eine Fotografie oder ein Video)</translation>
    </message>
    <message>
        <source>its transfer syntax {syntax} is not read</source>
        <translation>seine Transfersyntax {syntax} wird nicht gelesen</translation>
    </message>
    <message>
        <source>keep the brain in one piece</source>
        <translation>Gehirn in einem Stück behalten</translation>
    </message>
    <message>
        <source>keep the head in one piece</source>
        <translation>Kopf in einem Stück behalten</translation>
    </message>
    <message>
        <source>low predicted SSIM, {named}{more}</source>
        <translation>niedrige vorhergesagte SSIM, {named}{more}</translation>
    </message>
    <message>
        <source>lung</source>
        <translation>Lunge</translation>
    </message>
    <message>
        <source>maximum of {slab_mm} mm</source>
        <translation>Maximum über {slab_mm} mm</translation>
    </message>
    <message>
        <source>measuring the noise</source>
        <translation>Rauschen wird gemessen</translation>
    </message>
    <message>
        <source>mediastinum</source>
        <translation>Mediastinum</translation>
    </message>
    <message>
        <source>names are often written into pixels of this kind, and it does not say that there are none (Burned In Annotation is not NO)</source>
        <translation>in Pixel dieser Art sind oft Namen geschrieben, und es sagt nicht, dass es keine gibt (Burned In Annotation ist nicht NO)</translation>
    </message>
    <message>
        <source>names may be written into its pixels (Burned In Annotation is YES)</source>
        <translation>in seine Pixel können Namen geschrieben sein (Burned In Annotation ist YES)</translation>
    </message>
    <message>
        <source>names no scan</source>
        <translation>nennt keine Aufnahme</translation>
    </message>
    <message>
        <source>names or other text are burned into the picture</source>
        <translation>Namen oder anderer Text sind ins Bild eingebrannt</translation>
    </message>
    <message>
        <source>no anatomy</source>
        <translation>keine Anatomie</translation>
    </message>
    <message>
        <source>no object stands out from the background</source>
        <translation>kein Objekt hebt sich vom Hintergrund ab</translation>
    </message>
    <message>
        <source>no region explains this score</source>
        <translation>keine Region erklärt diese Bewertung</translation>
    </message>
    <message>
        <source>no slice scored has a predicted SSIM below {bound}</source>
        <translation>keine bewertete Schicht hat eine vorhergesagte SSIM unter {bound}</translation>
    </message>
    <message>
        <source>no times stated; shown at 25 frames per second, which is assumed</source>
        <translation>keine Zeiten angegeben; gezeigt mit 25 Bildern je Sekunde, was angenommen ist</translation>
    </message>
    <message>
        <source>no voxel is a finite number</source>
        <translation>kein Voxel ist eine endliche Zahl</translation>
    </message>
    <message>
        <source>not allowed to read it</source>
        <translation>keine Erlaubnis, es zu lesen</translation>
    </message>
    <message>
        <source>not looked at, because the search was cancelled</source>
        <translation>nicht angesehen, weil die Suche abgebrochen wurde</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>not stated whether text is burned into the picture; look before sharing it</source>
        <translation>nicht angegeben, ob Text ins Bild eingebrannt ist; sehen Sie nach, bevor Sie es weitergeben</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>nicht verwendbar</translation>
    </message>
    <message>
        <source>note to the decision</source>
        <translation>Vermerk zur Entscheidung</translation>
    </message>
    <message>
        <source>nothing but zero bytes</source>
        <translation>nichts als Nullbytes</translation>
    </message>
    <message>
        <source>of another size or pixel spacing ({columns} x {rows}) than the series ({usual} x {usual2})</source>
        <translation>von anderer Größe oder anderem Pixelabstand ({columns} x {rows}) als die Serie ({usual} x {usual2})</translation>
    </message>
    <message>
        <source>of no kind that Acutance knows</source>
        <translation>von keiner Art, die Acutance kennt</translation>
    </message>
    <message>
        <source>order in the stack</source>
        <translation>Reihenfolge im Stapel</translation>
    </message>
    <message>
        <source>other head tissue</source>
        <translation>übriges Gewebe des Kopfs</translation>
    </message>
    <message>
        <source>out of memory</source>
        <translation>kein Speicher mehr</translation>
    </message>
    <message>
        <source>p = {p_value} (shown up to {largest_p}, and from {smallest_gain} beyond random)</source>
        <translation>p = {p_value} (gezeigt bis {largest_p} und ab {smallest_gain} über dem Zufall)</translation>
    </message>
    <message>
        <source>pixel size not stated; no lengths are shown</source>
        <translation>Pixelgröße nicht angegeben; keine Längen werden gezeigt</translation>
    </message>
    <message>
        <source>pixel spacing is that at the detector, not in the patient</source>
        <translation>der Pixelabstand ist der am Detektor, nicht im Patienten</translation>
    </message>
    <message>
        <source>pixels are not square ({numerator}:{denominator}); frames are as stored</source>
        <translation>Pixel sind nicht quadratisch ({numerator}:{denominator}); Bilder sind wie gespeichert</translation>
    </message>
    <message>
        <source>position in mm</source>
        <translation>Position in mm</translation>
    </message>
    <message>
        <source>position in space not stated</source>
        <translation>Lage im Raum nicht angegeben</translation>
    </message>
    <message>
        <source>predicted SSIM {before} before, {after} after; the scorer was not made for restored images, and the verdict on the scan stays as it was</source>
        <translation>vorhergesagte SSIM {before} vorher, {after} nachher; die Bewertung ist nicht für restaurierte Bilder gemacht, und das Urteil über die Aufnahme bleibt, wie es war</translation>
    </message>
    <message>
        <source>predicted SSIM {ssim_pred}</source>
        <translation>vorhergesagte SSIM {ssim_pred}</translation>
    </message>
    <message>
        <source>predicted SSIM {ssim_pred} ({ssim_lo} to {ssim_hi})</source>
        <translation>vorhergesagte SSIM {ssim_pred} ({ssim_lo} bis {ssim_hi})</translation>
    </message>
    <message>
        <source>qform unset; the sform places the volume</source>
        <translation>qform nicht gesetzt; die sform bestimmt die Lage des Volumens</translation>
    </message>
    <message>
        <source>read at {where}; choose with --select or above the images</source>
        <translation>gelesen bei {where}; wählen mit --select oder über den Bildern</translation>
    </message>
    <message>
        <source>reason of the decision</source>
        <translation>Grund der Entscheidung</translation>
    </message>
    <message>
        <source>recommended display frame rate</source>
        <translation>empfohlene Bildrate</translation>
    </message>
    <message>
        <source>regions drawn at random change it as much</source>
        <translation>zufällig gezogene Regionen ändern sie ebenso</translation>
    </message>
    <message>
        <source>regions ranked lowest change it as much as random ones</source>
        <translation>die am niedrigsten gereihten Regionen ändern sie ebenso wie zufällige</translation>
    </message>
    <message>
        <source>remove measurements</source>
        <translation>Messungen entfernen</translation>
    </message>
    <message>
        <source>remove specks</source>
        <translation>Flecken entfernen</translation>
    </message>
    <message>
        <source>repeat</source>
        <translation>wiederholen</translation>
    </message>
    <message>
        <source>set aside</source>
        <translation>beiseitegelegt</translation>
    </message>
    <message>
        <source>shipped</source>
        <translation>mitgeliefert</translation>
    </message>
    <message>
        <source>site default</source>
        <translation>Vorgabe des Standorts</translation>
    </message>
    <message>
        <source>site protocol</source>
        <translation>Protokoll des Standorts</translation>
    </message>
    <message>
        <source>slice distance not stated; no lengths are shown</source>
        <translation>Schichtabstand nicht angegeben; keine Längen werden gezeigt</translation>
    </message>
    <message>
        <source>slice smaller than {minimum_side} pixels</source>
        <translation>Schicht kleiner als {minimum_side} Pixel</translation>
    </message>
    <message>
        <source>slice step taken from the slice thickness</source>
        <translation>Schichtabstand aus der Schichtdicke genommen</translation>
    </message>
    <message>
        <source>slice thickness not stated, 1 mm assumed</source>
        <translation>Schichtdicke nicht angegeben, 1 mm angenommen</translation>
    </message>
    <message>
        <source>slices are smaller than {smallest_side} pixels</source>
        <translation>die Schichten sind kleiner als {smallest_side} Pixel</translation>
    </message>
    <message>
        <source>smoothing the highest region raises it by {excess} more than random ones</source>
        <translation>das Glätten der höchsten Region hebt sie um {excess} mehr als das zufälliger</translation>
    </message>
    <message>
        <source>soft tissue</source>
        <translation>Weichteile</translation>
    </message>
    <message>
        <source>spacing not stated; no lengths are shown</source>
        <translation>Abstände nicht angegeben; keine Längen werden gezeigt</translation>
    </message>
    <message>
        <source>spatial unit not stated, millimetres assumed</source>
        <translation>räumliche Einheit nicht angegeben, Millimeter angenommen</translation>
    </message>
    <message>
        <source>stands twice in the archive</source>
        <translation>steht zweimal im Archiv</translation>
    </message>
    <message>
        <source>states no size of its image (Rows and Columns)</source>
        <translation>nennt keine Größe seines Bildes (Rows und Columns)</translation>
    </message>
    <message>
        <source>stored for inverted display (MONOCHROME1); values unchanged</source>
        <translation>für umgekehrte Darstellung gespeichert (MONOCHROME1); Werte unverändert</translation>
    </message>
    <message>
        <source>stored for inverted display (white is zero); values unchanged</source>
        <translation>für umgekehrte Darstellung gespeichert (Weiß ist null); Werte unverändert</translation>
    </message>
    <message>
        <source>stored {number}</source>
        <translation>gespeichert {number}</translation>
    </message>
    <message>
        <source>stroke</source>
        <translation>Schlaganfall</translation>
    </message>
    <message>
        <source>subdural</source>
        <translation>subdural</translation>
    </message>
    <message>
        <source>the background is empty, as after removing the skull or the face</source>
        <translation>der Hintergrund ist leer, wie nach dem Entfernen von Schädel oder Gesicht</translation>
    </message>
    <message>
        <source>the file does not say how the image lies in the patient; sides are unknown</source>
        <translation>die Datei sagt nicht, wie das Bild im Patienten liegt; die Seiten sind unbekannt</translation>
    </message>
    <message>
        <source>the file is empty</source>
        <translation>die Datei ist leer</translation>
    </message>
    <message>
        <source>the first of several pictures in the file</source>
        <translation>das erste von mehreren Bildern der Datei</translation>
    </message>
    <message>
        <source>the gain of {count} direction{s} was capped</source>
        <translation>die Verstärkung von {count} Richtung(en) wurde begrenzt</translation>
    </message>
    <message>
        <source>the header states {stated} as the body part; the network was trained on brain MR</source>
        <translation>die Kopfdaten nennen {stated} als Körperteil; das Netz wurde an MR des Gehirns trainiert</translation>
    </message>
    <message>
        <source>the interval {low} to {high} holds the threshold {threshold}; {explained}</source>
        <translation>das Intervall {low} bis {high} enthält die Schwelle {threshold}; {explained}</translation>
    </message>
    <message>
        <source>the last axis is shown as colours</source>
        <translation>die letzte Achse wird als Farben gezeigt</translation>
    </message>
    <message>
        <source>the output folder is gone</source>
        <translation>der Ausgabeordner ist weg</translation>
    </message>
    <message>
        <source>the process ended with {how}; trying again</source>
        <translation>der Prozess endete mit {how}; neuer Versuch</translation>
    </message>
    <message>
        <source>their {plane} slices are tilted by {angle} degrees against each other</source>
        <translation>ihre Schichten ({plane}) sind um {angle} Grad gegeneinander gekippt</translation>
    </message>
    <message>
        <source>they were scored by different weights; score both again</source>
        <translation>sie wurden mit verschiedenen Gewichten bewertet; bewerten Sie beide erneut</translation>
    </message>
    <message>
        <source>to do: {waiting}, about {duration} (rough), {max} MiB of results</source>
        <translation>zu tun: {waiting}, etwa {duration} (grob), {max} MiB an Ergebnissen</translation>
    </message>
    <message>
        <source>too little signal for a test</source>
        <translation>zu wenig Signal für einen Test</translation>
    </message>
    <message>
        <source>transparency dropped</source>
        <translation>Transparenz verworfen</translation>
    </message>
    <message>
        <source>turned upright as its EXIF data ask for</source>
        <translation>aufgerichtet, wie seine EXIF-Daten es verlangen</translation>
    </message>
    <message>
        <source>turned {value}°</source>
        <translation>gedreht um {value}°</translation>
    </message>
    <message>
        <source>unverified</source>
        <translation>ungeprüft</translation>
    </message>
    <message>
        <source>unverified weights, which are never called usable; {reason}</source>
        <translation>ungeprüfte Gewichte, die nie verwendbar heißen; {reason}</translation>
    </message>
    <message>
        <source>user setting</source>
        <translation>eigene Einstellung</translation>
    </message>
    <message>
        <source>values look like Hounsfield units (CT); the network was trained on brain MR</source>
        <translation>die Werte sehen wie Hounsfield-Einheiten (CT) aus; das Netz wurde an MR des Gehirns trainiert</translation>
    </message>
    <message>
        <source>version {version} is for other weights and was not used</source>
        <translation>Version {version} ist für andere Gewichte und wurde nicht verwendet</translation>
    </message>
    <message>
        <source>white matter</source>
        <translation>weiße Substanz</translation>
    </message>
    <message>
        <source>withdraw decision</source>
        <translation>Entscheidung zurücknehmen</translation>
    </message>
    <message>
        <source>{count} frames need {size_words}, the limit is {size_words2}.</source>
        <translation>{count} Bilder brauchen {size_words}, die Grenze ist {size_words2}.</translation>
    </message>
    <message>
        <source>{count} of the {count2} axes are those of space; two or three are read.</source>
        <translation>{count} der {count2} Achsen sind räumlich; zwei oder drei werden gelesen.</translation>
    </message>
    <message>
        <source>{count} of the {count2} scored slices of A have a partner in B.</source>
        <translation>{count} der {count2} bewerteten Schichten von A haben in B ein Gegenstück.</translation>
    </message>
    <message>
        <source>{count} of {count2} frames are there.</source>
        <translation>{count} von {count2} Bildern sind da.</translation>
    </message>
    <message>
        <source>{fewest_marks} more series are needed, {fewest_marks2} in all</source>
        <translation>{fewest_marks} weitere Serien sind nötig, {fewest_marks2} insgesamt</translation>
    </message>
    <message>
        <source>{fewest_of_kind} more that are {word} are needed</source>
        <translation>{fewest_of_kind} weitere, die {word} sind, sind nötig</translation>
    </message>
    <message>
        <source>{items} in the middle half</source>
        <translation>{items} in der mittleren Hälfte</translation>
    </message>
    <message>
        <source>{kind} picture, though its name says DICOM.</source>
        <translation>Bild der Art {kind}, obwohl der Name DICOM sagt.</translation>
    </message>
    <message>
        <source>{label} has no predicted SSIM ({reason})</source>
        <translation>{label} hat keine vorhergesagte SSIM ({reason})</translation>
    </message>
    <message>
        <source>{label} is out of scope ({reason})</source>
        <translation>{label} liegt außerhalb des Gültigkeitsbereichs ({reason})</translation>
    </message>
    <message>
        <source>{modality} image; the network was made for MR</source>
        <translation>{modality}-Bild; das Netz ist für MR gemacht</translation>
    </message>
    <message>
        <source>{modality} image; the network was made for brain MR</source>
        <translation>{modality}-Bild; das Netz ist für MR des Gehirns gemacht</translation>
    </message>
    <message>
        <source>{modality} image; the network was trained on brain MR</source>
        <translation>{modality}-Bild; das Netz wurde an MR des Gehirns trainiert</translation>
    </message>
    <message>
        <source>{name} holds the weights of {name2}, which enlarges no videos.</source>
        <translation>{name} enthält die Gewichte von {name2}, das keine Videos vergrößert.</translation>
    </message>
    <message>
        <source>{name} holds the weights of {name2}, which gives no score.</source>
        <translation>{name} enthält die Gewichte von {name2}, das keine Bewertung gibt.</translation>
    </message>
    <message>
        <source>{name} holds the weights of {name2}, which is no autoencoder.</source>
        <translation>{name} enthält die Gewichte von {name2}, das kein Autoencoder ist.</translation>
    </message>
    <message>
        <source>{name} holds the weights of {name2}, which makes no image of an image.</source>
        <translation>{name} enthält die Gewichte von {name2}, das aus einem Bild kein Bild macht.</translation>
    </message>
    <message>
        <source>{name} holds the weights of {name2}, which segments no slices.</source>
        <translation>{name} enthält die Gewichte von {name2}, das keine Schichten segmentiert.</translation>
    </message>
    <message>
        <source>{not_for_diagnosis}. Voxels were computed by a network, not acquired.</source>
        <translation>{not_for_diagnosis}. Voxel wurden von einem Netz berechnet, nicht aufgenommen.</translation>
    </message>
    <message>
        <source>{n} file</source>
        <translation>{n} Datei</translation>
    </message>
    <message>
        <source>{n} files</source>
        <translation>{n} Dateien</translation>
    </message>
    <message>
        <source>{n} frame</source>
        <translation>{n} Bild</translation>
    </message>
    <message>
        <source>{n} frames</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>{n} image</source>
        <translation>{n} Bild</translation>
    </message>
    <message>
        <source>{n} images</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>{n} picture</source>
        <translation>{n} Bild</translation>
    </message>
    <message>
        <source>{n} pictures</source>
        <translation>{n} Bilder</translation>
    </message>
    <message>
        <source>{n} slice</source>
        <translation>{n} Schicht</translation>
    </message>
    <message>
        <source>{n} slices</source>
        <translation>{n} Schichten</translation>
    </message>
    <message>
        <source>{n} volume</source>
        <translation>{n} Volumen</translation>
    </message>
    <message>
        <source>{n} volumes</source>
        <translation>{n} Volumen</translation>
    </message>
    <message>
        <source>{plane}slice {first}</source>
        <translation>{plane}Schicht {first}</translation>
    </message>
    <message>
        <source>{plane}slices {first}–{last}, worst {worst}</source>
        <translation>{plane}Schichten {first}–{last}, schlechteste {worst}</translation>
    </message>
    <message>
        <source>{plural} at the position of another; the one with the lower instance number was used.</source>
        <translation>{plural} am Ort eines anderen; das mit der kleineren Instanznummer wurde verwendet.</translation>
    </message>
    <message>
        <source>{plural} beside the slices and named like them cannot be read; slices may be missing.</source>
        <translation>{plural} neben den Schichten und benannt wie sie sind nicht lesbar; Schichten können fehlen.</translation>
    </message>
    <message>
        <source>{plural} missing in {plural2}; the slices behind a gap are shown too near, lengths across slices are wrong.</source>
        <translation>{plural} fehlen in {plural2}; die Schichten hinter einer Lücke werden zu nah gezeigt, Längen quer zu den Schichten sind falsch.</translation>
    </message>
    <message>
        <source>{plural} of another size or pixel spacing left out.</source>
        <translation>{plural} anderer Größe oder anderen Pixelabstands weggelassen.</translation>
    </message>
    <message>
        <source>{plural} of another size than the first, scaled to it.</source>
        <translation>{plural} anderer Größe als das erste, darauf skaliert.</translation>
    </message>
    <message>
        <source>{plural} of the series cannot be read and {value} left out.</source>
        <translation>{plural} der Serie nicht lesbar und weggelassen ({value}).</translation>
    </message>
    <message>
        <source>{plural} of the stack cannot be read; slices are missing.</source>
        <translation>{plural} des Stapels nicht lesbar; Schichten fehlen.</translation>
    </message>
    <message>
        <source>{plural} stored twice; each was used once.</source>
        <translation>{plural} doppelt gespeichert; jedes wurde einmal verwendet.</translation>
    </message>
    <message>
        <source>{plural} with no time of its own or one that is not later than that before; placed between the neighbours. Speeds are not exact there.</source>
        <translation>{plural} ohne eigene Zeit oder mit einer, die nicht nach der vorigen liegt; zwischen die Nachbarn gelegt. Geschwindigkeiten sind dort nicht genau.</translation>
    </message>
    <message>
        <source>{plural} with the identity of another but other pixels; the first by name was used.</source>
        <translation>{plural} mit der Identität eines anderen, aber anderen Pixeln; das dem Namen nach erste wurde verwendet.</translation>
    </message>
    <message>
        <source>{plural} without a position left out.</source>
        <translation>{plural} ohne Position weggelassen.</translation>
    </message>
    <message>
        <source>{reason}; exported because that was allowed</source>
        <translation>{reason}; exportiert, weil das erlaubt wurde</translation>
    </message>
    <message>
        <source>{share} not a number or infinite; such voxels count in no score.</source>
        <translation>{share} keine Zahl oder unendlich; solche Voxel zählen in keiner Bewertung.</translation>
    </message>
    <message>
        <source>{signed} (interval {signed2} to {signed3})</source>
        <translation>{signed} (Intervall {signed2} bis {signed3})</translation>
    </message>
    <message>
        <source>{size} values; centre {centre}, limits {low} to {high} from the first {baseline}.</source>
        <translation>{size} Werte; Mitte {centre}, Grenzen {low} bis {high} aus den ersten {baseline}.</translation>
    </message>
    <message>
        <source>{size} values; control limits need at least {fewest}.</source>
        <translation>{size} Werte; Regelgrenzen brauchen mindestens {fewest}.</translation>
    </message>
    <message>
        <source>{strange} of {count} slices do not look like brain MR</source>
        <translation>{strange} von {count} Schichten sehen nicht wie MR des Gehirns aus</translation>
    </message>
    <message>
        <source>{title} (volume {number} of {count}{label})</source>
        <translation>{title} (Volumen {number} von {count}{label})</translation>
    </message>
    <message>
        <source>{what} for volumes; this is a video.</source>
        <translation>{what} für Volumen; dies ist ein Video.</translation>
    </message>
    <message>
        <source>{what} needs DICOM images to refer to; this file is none.</source>
        <translation>{what} braucht DICOM-Bilder, auf die verwiesen wird; diese Datei ist keines.</translation>
    </message>
    <message>
        <source>{words} Left and right, front and back cannot be told.</source>
        <translation>{words} Links und rechts, vorn und hinten sind nicht zu unterscheiden.</translation>
    </message>
    <message>
        <source>{words}; {low} of {count} slices below {bound}</source>
        <translation>{words}; {low} von {count} Schichten unter {bound}</translation>
    </message>
    <message>
        <source>{written} of {length} bytes of pixels are there.</source>
        <translation>{written} von {length} Bytes an Pixeln sind da.</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source> (in force)</source>
        <translation> (in Kraft)</translation>
    </message>
    <message>
        <source> for noise {noise:.1%}</source>
        <translation> für Rauschen {noise:.1%}</translation>
    </message>
    <message>
        <source> of {least}</source>
        <translation> von {least}</translation>
    </message>
    <message>
        <source> · distance to sharp images {index:.0%}</source>
        <translation> · Abstand zu scharfen Bildern {index:.0%}</translation>
    </message>
    <message>
        <source> · probability of being usable here {probability:.0%}</source>
        <translation> · Wahrscheinlichkeit, hier verwendbar zu sein: {probability:.0%}</translation>
    </message>
    <message>
        <source>**Imported, unverified.** Nobody vouches for these weights: there is no model card, and no verdict of theirs is ever “usable”.</source>
        <translation>**Importiert, ungeprüft.** Für diese Gewichte bürgt niemand: Es gibt keine Modellkarte, und kein Urteil von ihnen lautet je „verwendbar“.</translation>
    </message>
    <message>
        <source>+{waiting} queued</source>
        <translation>+{waiting} wartend</translation>
    </message>
    <message>
        <source>, about {duration} left</source>
        <translation>, noch etwa {duration}</translation>
    </message>
    <message>
        <source>, edited by hand</source>
        <translation>, von Hand bearbeitet</translation>
    </message>
    <message>
        <source>, for other weights</source>
        <translation>, für andere Gewichte</translation>
    </message>
    <message>
        <source>, weights without a model card</source>
        <translation>, Gewichte ohne Modellkarte</translation>
    </message>
    <message>
        <source>, {area_mm2:.0f} mm²</source>
        <translation>, {area_mm2:.0f} mm²</translation>
    </message>
    <message>
        <source>, {aside} without results set aside</source>
        <translation>, {aside} ohne Ergebnisse beiseitegelegt</translation>
    </message>
    <message>
        <source>, {hours}:{minutes:02d}:{seconds:02d} left</source>
        <translation>, noch {hours}:{minutes:02d}:{seconds:02d}</translation>
    </message>
    <message numerus="yes">
        <source>, {n} warnings</source>
        <translation>
            <numerusform>, {n} Warnung</numerusform>
            <numerusform>, {n} Warnungen</numerusform>
        </translation>
    </message>
    <message>
        <source>, {rate:.2f} frames/s</source>
        <translation>, {rate:.2f} Bilder/s</translation>
    </message>
    <message>
        <source>1 = like an undisturbed image</source>
        <translation>1 = wie ein ungestörtes Bild</translation>
    </message>
    <message>
        <source>1, 2 … 9</source>
        <translation>1, 2 … 9</translation>
    </message>
    <message>
        <source>; choose at least {least}</source>
        <translation>; wählen Sie mindestens {least}</translation>
    </message>
    <message>
        <source>; {fallbacks} departed from their input and are bicubic</source>
        <translation>; {fallbacks} wichen von der Vorlage ab und sind bikubisch</translation>
    </message>
    <message>
        <source>; {standing} frames stand still</source>
        <translation>; {standing} Bilder stehen still</translation>
    </message>
    <message>
        <source>A better</source>
        <translation>A besser</translation>
    </message>
    <message>
        <source>A comparison needs two series with a verdict.</source>
        <translation>Ein Vergleich braucht zwei Serien mit einem Urteil.</translation>
    </message>
    <message>
        <source>A new segmentation takes their place; this cannot be undone.</source>
        <translation>Eine neue Segmentierung tritt an ihre Stelle; das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>A site file could lie at</source>
        <translation>Eine Standortdatei könnte liegen in</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Accept the series</source>
        <translation>Serie annehmen</translation>
    </message>
    <message>
        <source>Accept with note</source>
        <translation>Mit Vermerk annehmen</translation>
    </message>
    <message>
        <source>Acutance did not end well last time.</source>
        <translation>Acutance wurde beim letzten Mal nicht ordentlich beendet.</translation>
    </message>
    <message>
        <source>Acutance is starting</source>
        <translation>Acutance startet</translation>
    </message>
    <message>
        <source>Acutance {version}. {notice}. Any key closes this.</source>
        <translation>Acutance {version}. {notice}. Jede Taste schließt diese Übersicht.</translation>
    </message>
    <message>
        <source>Acutance. {notice}.</source>
        <translation>Acutance. {notice}.</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Add a folder of results</source>
        <translation>Ordner mit Ergebnissen hinzufügen</translation>
    </message>
    <message>
        <source>Add results…</source>
        <translation>Ergebnisse hinzufügen…</translation>
    </message>
    <message>
        <source>Add what a batch, a watched folder or the command line wrote</source>
        <translation>Hinzufügen, was ein Stapel, ein überwachter Ordner oder die Befehlszeile geschrieben hat</translation>
    </message>
    <message>
        <source>Air background</source>
        <translation>Lufthintergrund</translation>
    </message>
    <message>
        <source>Also images whose pixels may show a name or a face</source>
        <translation>Auch Bilder, deren Pixel einen Namen oder ein Gesicht zeigen können</translation>
    </message>
    <message>
        <source>An unexpected fault ended the batch: {kind}.</source>
        <translation>Ein unerwarteter Fehler hat den Stapel beendet: {kind}.</translation>
    </message>
    <message>
        <source>An unexpected fault ended the measuring.</source>
        <translation>Ein unerwarteter Fehler hat die Messung beendet.</translation>
    </message>
    <message>
        <source>An unexpected fault ended the run.</source>
        <translation>Ein unerwarteter Fehler hat den Lauf beendet.</translation>
    </message>
    <message>
        <source>An unexpected fault ended the watching: {kind}.</source>
        <translation>Ein unerwarteter Fehler hat die Überwachung beendet: {kind}.</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Architecture {architecture}, {params:,} parameters.</source>
        <translation>Architektur {architecture}, {params:,} Parameter.</translation>
    </message>
    <message>
        <source>Array axes</source>
        <translation>Achsen des Arrays</translation>
    </message>
    <message>
        <source>As it was</source>
        <translation>Wie zuvor</translation>
    </message>
    <message>
        <source>As predicted.</source>
        <translation>Wie vorhergesagt.</translation>
    </message>
    <message>
        <source>As the site says</source>
        <translation>Wie vom Standort vorgegeben</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Automatic window</source>
        <translation>Automatisches Fenster</translation>
    </message>
    <message>
        <source>B better, slice by slice</source>
        <translation>B besser, Schicht für Schicht</translation>
    </message>
    <message>
        <source>B, held</source>
        <translation>B, gehalten</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>Batch…</source>
        <translation>Stapel…</translation>
    </message>
    <message>
        <source>Before: the other series</source>
        <translation>Vorher: die andere Serie</translation>
    </message>
    <message>
        <source>Begin anew at the end</source>
        <translation>Am Ende von vorn beginnen</translation>
    </message>
    <message>
        <source>Best {span:g} s: frames {start} to {stop}, from {time} on{standing}.</source>
        <translation>Beste {span:g} s: Bilder {start} bis {stop}, ab {time}{standing}.</translation>
    </message>
    <message>
        <source>Brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>Building the window</source>
        <translation>Fenster wird aufgebaut</translation>
    </message>
    <message>
        <source>Calibrations</source>
        <translation>Kalibrierungen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancel preview</source>
        <translation>Vorschau abbrechen</translation>
    </message>
    <message>
        <source>Cancel the job</source>
        <translation>Auftrag abbrechen</translation>
    </message>
    <message>
        <source>Cancel the running job</source>
        <translation>Laufenden Auftrag abbrechen</translation>
    </message>
    <message>
        <source>Cancel: {title}</source>
        <translation>Abbrechen: {title}</translation>
    </message>
    <message>
        <source>Cancelled before the work began.</source>
        <translation>Abgebrochen, bevor die Arbeit begann.</translation>
    </message>
    <message>
        <source>Cancelled; plan again to go on.</source>
        <translation>Abgebrochen; zum Fortsetzen erneut planen.</translation>
    </message>
    <message>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen…</translation>
    </message>
    <message>
        <source>Change the slice or frame</source>
        <translation>Schicht oder Bild wechseln</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Checkerboard</source>
        <translation>Schachbrett</translation>
    </message>
    <message>
        <source>Checkpoint of a network</source>
        <translation>Prüfpunkt eines Netzes</translation>
    </message>
    <message>
        <source>Checkpoints (*.pth *.pt *.ckpt *.bin *.tar *.safetensors);;All files (*)</source>
        <translation>Prüfpunkte (*.pth *.pt *.ckpt *.bin *.tar *.safetensors);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Choose Try again.</source>
        <translation>Wählen Sie „Erneut versuchen“.</translation>
    </message>
    <message>
        <source>Choose a folder for the export</source>
        <translation>Ordner für den Export wählen</translation>
    </message>
    <message>
        <source>Choose a folder for the restored series</source>
        <translation>Ordner für die restaurierte Serie wählen</translation>
    </message>
    <message>
        <source>Choose a scan that Acutance reads, or a folder that holds some.</source>
        <translation>Wählen Sie eine Aufnahme, die Acutance liest, oder einen Ordner, der welche enthält.</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>Choose folder and export…</source>
        <translation>Ordner wählen und exportieren…</translation>
    </message>
    <message>
        <source>Choose what was made of the clip in view.</source>
        <translation>Wählen Sie, was aus dem gezeigten Clip gemacht wurde.</translation>
    </message>
    <message>
        <source>Choose: {name}</source>
        <translation>Wählen: {name}</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Click here, then choose a series in the list; or right click.</source>
        <translation>Hier klicken und dann eine Serie in der Liste wählen; oder Rechtsklick.</translation>
    </message>
    <message>
        <source>Close all</source>
        <translation>Alle schließen</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Colours: {colour_map}</source>
        <translation>Farben: {colour_map}</translation>
    </message>
    <message>
        <source>Comma, full stop</source>
        <translation>Komma, Punkt</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Compare side by side</source>
        <translation>Nebeneinander vergleichen</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>Vergleichen mit</translation>
    </message>
    <message>
        <source>Complete after</source>
        <translation>Vollständig nach</translation>
    </message>
    <message>
        <source>Computed, not acquired. {notice}.</source>
        <translation>Berechnet, nicht aufgenommen. {notice}.</translation>
    </message>
    <message>
        <source>Condition {sharp} sharp, {restored} restored; shrinkage {shrinkage}; largest gain {gain}</source>
        <translation>Kondition {sharp} scharf, {restored} restauriert; Schrumpfung {shrinkage}; größte Verstärkung {gain}</translation>
    </message>
    <message>
        <source>Control chart of {name}</source>
        <translation>Regelkarte von {name}</translation>
    </message>
    <message>
        <source>Convention: {convention}</source>
        <translation>Darstellung: {convention}</translation>
    </message>
    <message>
        <source>Convert a checkpoint from elsewhere; its weights stay unverified</source>
        <translation>Einen Prüfpunkt von anderswo umwandeln; seine Gewichte bleiben ungeprüft</translation>
    </message>
    <message>
        <source>Converting the checkpoint…</source>
        <translation>Prüfpunkt wird umgewandelt…</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy view</source>
        <translation>Ansicht kopieren</translation>
    </message>
    <message>
        <source>Corner text</source>
        <translation>Text in den Ecken</translation>
    </message>
    <message>
        <source>Could not be read</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>Could not be scored</source>
        <translation>Nicht bewertbar</translation>
    </message>
    <message>
        <source>Could not be scored: {message}</source>
        <translation>Konnte nicht bewertet werden: {message}</translation>
    </message>
    <message>
        <source>Crash report</source>
        <translation>Absturzbericht</translation>
    </message>
    <message>
        <source>Crash report…</source>
        <translation>Absturzbericht…</translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation>Fadenkreuz</translation>
    </message>
    <message>
        <source>Crosshair one pixel down</source>
        <translation>Fadenkreuz ein Pixel nach unten</translation>
    </message>
    <message>
        <source>Crosshair one pixel to the left</source>
        <translation>Fadenkreuz ein Pixel nach links</translation>
    </message>
    <message>
        <source>Crosshair one pixel to the right</source>
        <translation>Fadenkreuz ein Pixel nach rechts</translation>
    </message>
    <message>
        <source>Crosshair one pixel up</source>
        <translation>Fadenkreuz ein Pixel nach oben</translation>
    </message>
    <message>
        <source>Crosshair, or the tool in hand</source>
        <translation>Fadenkreuz oder das gewählte Werkzeug</translation>
    </message>
    <message>
        <source>Ctrl+Shift+drag</source>
        <translation>Strg+Umschalt+Ziehen</translation>
    </message>
    <message>
        <source>DICOM SEG, each frame with its image</source>
        <translation>DICOM SEG, jedes Bild mit seiner Vorlage</translation>
    </message>
    <message>
        <source>DICOM, NIfTI, NRRD, MetaImage, TIFF, pictures, zip, MP4 and more</source>
        <translation>DICOM, NIfTI, NRRD, MetaImage, TIFF, Bilder, zip, MP4 und mehr</translation>
    </message>
    <message>
        <source>Damaged frames</source>
        <translation>Beschädigte Bilder</translation>
    </message>
    <message>
        <source>Dates and times, as they are</source>
        <translation>Daten und Zeiten, wie sie sind</translation>
    </message>
    <message>
        <source>Dates moved by the same secret number of days</source>
        <translation>Daten, alle um dieselbe geheime Zahl von Tagen verschoben</translation>
    </message>
    <message>
        <source>Decided: {words}</source>
        <translation>Entschieden: {words}</translation>
    </message>
    <message>
        <source>Descriptions, words of anatomy and technique only</source>
        <translation>Beschreibungen, nur Wörter der Anatomie und Technik</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Diameter of brush and eraser (&lt; and &gt;, or Shift and the wheel)</source>
        <translation>Durchmesser von Pinsel und Radierer (&lt; und &gt; oder Umschalt und Mausrad)</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Differenz</translation>
    </message>
    <message>
        <source>Difference of the predicted SSIM, slice by slice</source>
        <translation>Differenz der vorhergesagten SSIM, Schicht für Schicht</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>Done again</source>
        <translation>Wiederhergestellt</translation>
    </message>
    <message>
        <source>Double click, Return</source>
        <translation>Doppelklick, Return</translation>
    </message>
    <message>
        <source>Draw the borders of labels only (O)</source>
        <translation>Nur die Ränder der Labels zeichnen (O)</translation>
    </message>
    <message>
        <source>Draw the restored image (hold B to see the source)</source>
        <translation>Restauriertes Bild zeichnen (B halten zeigt die Vorlage)</translation>
    </message>
    <message>
        <source>Drop a scan, a folder or a video</source>
        <translation>Aufnahme, Ordner oder Video hier ablegen</translation>
    </message>
    <message>
        <source>Drop here</source>
        <translation>Hier ablegen</translation>
    </message>
    <message>
        <source>Each takes a core or two and the memory of two series</source>
        <translation>Jeder belegt ein bis zwei Kerne und den Speicher zweier Serien</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message numerus="yes">
        <source>Edited by hand: {n} edits</source>
        <translation>
            <numerusform>Von Hand bearbeitet: {n} Änderung</numerusform>
            <numerusform>Von Hand bearbeitet: {n} Änderungen</numerusform>
        </translation>
    </message>
    <message>
        <source>Effective samples {sharp} sharp, {restored} restored, for {size} values of a patch</source>
        <translation>Wirksame Stichproben {sharp} scharf, {restored} restauriert, für {size} Werte eines Ausschnitts</translation>
    </message>
    <message>
        <source>Elliptic region</source>
        <translation>Elliptische Region</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Engines are paused.</source>
        <translation>Die Verfahren ruhen.</translation>
    </message>
    <message>
        <source>Engines go on.</source>
        <translation>Die Verfahren laufen weiter.</translation>
    </message>
    <message>
        <source>Enhance</source>
        <translation>Verbessern</translation>
    </message>
    <message>
        <source>Enhance clip</source>
        <translation>Clip verbessern</translation>
    </message>
    <message>
        <source>Enhance clip…</source>
        <translation>Clip verbessern…</translation>
    </message>
    <message>
        <source>Enhance what is seen, for a second from here (Shift+E)</source>
        <translation>Verbessern, was zu sehen ist, eine Sekunde lang ab hier (Umschalt+E)</translation>
    </message>
    <message>
        <source>Enhance what is seen, for a second from the frame in view on</source>
        <translation>Verbessern, was zu sehen ist, eine Sekunde lang ab dem gezeigten Bild</translation>
    </message>
    <message>
        <source>Enhancing</source>
        <translation>Wird verbessert</translation>
    </message>
    <message>
        <source>Enlarge a view, restore</source>
        <translation>Ansicht vergrößern, zurück</translation>
    </message>
    <message>
        <source>Eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>Error of the probability (Brier) {brier:.3f}; without the score {brier_base:.3f}.</source>
        <translation>Fehler der Wahrscheinlichkeit (Brier) {brier:.3f}; ohne die Bewertung {brier_base:.3f}.</translation>
    </message>
    <message>
        <source>Every file says that the labels were edited by hand ({edits}). </source>
        <translation>Jede Datei sagt, dass die Labels von Hand bearbeitet wurden ({edits}). </translation>
    </message>
    <message>
        <source>Every series below the input folder is worked on; results go to the output folder, which is new or holds this very batch. The input is never changed.</source>
        <translation>Jede Serie unter dem Eingabeordner wird bearbeitet; Ergebnisse kommen in den Ausgabeordner, der neu ist oder genau diesen Stapel enthält. Die Eingabe wird nie verändert.</translation>
    </message>
    <message>
        <source>Every series that arrives in the folder is scored as soon as its files have come to rest; results and reports go to the output folder. What arrives is never changed.</source>
        <translation>Jede Serie, die im Ordner ankommt, wird bewertet, sobald ihre Dateien zur Ruhe gekommen sind; Ergebnisse und Berichte kommen in den Ausgabeordner. Was ankommt, wird nie verändert.</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>Beleg</translation>
    </message>
    <message>
        <source>Evidence of the restoration</source>
        <translation>Beleg der Restaurierung</translation>
    </message>
    <message>
        <source>Explain the slice</source>
        <translation>Schicht erklären</translation>
    </message>
    <message>
        <source>Explain this slice (E)</source>
        <translation>Diese Schicht erklären (E)</translation>
    </message>
    <message>
        <source>Explaining {plane} {place} of {title}</source>
        <translation>Erklären: {plane} {place} von {title}</translation>
    </message>
    <message>
        <source>Explaining {slice_name}…</source>
        <translation>{slice_name} wird erklärt…</translation>
    </message>
    <message>
        <source>Explanation</source>
        <translation>Erklärung</translation>
    </message>
    <message>
        <source>Export de-identified</source>
        <translation>De-identifiziert exportieren</translation>
    </message>
    <message>
        <source>Export de-identified…</source>
        <translation>De-identifiziert exportieren…</translation>
    </message>
    <message>
        <source>Export report</source>
        <translation>Bericht exportieren</translation>
    </message>
    <message>
        <source>Export report…</source>
        <translation>Bericht exportieren…</translation>
    </message>
    <message>
        <source>Export restored…</source>
        <translation>Restauriertes exportieren…</translation>
    </message>
    <message>
        <source>Export segmentation</source>
        <translation>Segmentierung exportieren</translation>
    </message>
    <message>
        <source>Export segmentation…</source>
        <translation>Segmentierung exportieren…</translation>
    </message>
    <message>
        <source>Exporting {title}, restored</source>
        <translation>Exportieren: {title}, restauriert</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>File set aside</source>
        <translation>Beiseitegelegte Datei</translation>
    </message>
    <message>
        <source>Files set aside</source>
        <translation>Beiseitegelegte Dateien</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Füllen</translation>
    </message>
    <message>
        <source>Find the best seconds</source>
        <translation>Beste Sekunden finden</translation>
    </message>
    <message>
        <source>Find the tissues of a brain</source>
        <translation>Die Gewebe eines Gehirns finden</translation>
    </message>
    <message>
        <source>Finished.</source>
        <translation>Fertig.</translation>
    </message>
    <message>
        <source>First, last slice or frame</source>
        <translation>Erste, letzte Schicht oder erstes, letztes Bild</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>Fit a new version</source>
        <translation>Neue Version anpassen</translation>
    </message>
    <message>
        <source>Fit operator</source>
        <translation>Operator anpassen</translation>
    </message>
    <message>
        <source>Fit operator…</source>
        <translation>Operator anpassen…</translation>
    </message>
    <message>
        <source>Fit to view</source>
        <translation>In Ansicht einpassen</translation>
    </message>
    <message>
        <source>Fit what the perceptual end is, from about a dozen sharp slices</source>
        <translation>Das wahrnehmungsnahe Ende aus etwa einem Dutzend scharfer Schichten bestimmen</translation>
    </message>
    <message>
        <source>Fitting operator {name}</source>
        <translation>Operator {name} wird angepasst</translation>
    </message>
    <message>
        <source>Fitting…</source>
        <translation>Wird angepasst…</translation>
    </message>
    <message>
        <source>Flicker</source>
        <translation>Blinken</translation>
    </message>
    <message>
        <source>Flip left and right</source>
        <translation>Links-rechts spiegeln</translation>
    </message>
    <message>
        <source>Flip up and down</source>
        <translation>Oben-unten spiegeln</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Folder of PNG frames (*)</source>
        <translation>Ordner mit PNG-Bildern (*)</translation>
    </message>
    <message>
        <source>For this session only</source>
        <translation>Nur für diese Sitzung</translation>
    </message>
    <message>
        <source>Forget the mark of the active series</source>
        <translation>Die Markierung der aktiven Serie vergessen</translation>
    </message>
    <message>
        <source>Forget what was chosen here: the site file holds, else the program</source>
        <translation>Vergessen, was hier gewählt wurde: Es gilt die Standortdatei, sonst das Programm</translation>
    </message>
    <message>
        <source>Four views</source>
        <translation>Vier Ansichten</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>Frame view</source>
        <translation>Bildansicht</translation>
    </message>
    <message>
        <source>Frame {frame} and those around it cannot be decoded.</source>
        <translation>Bild {frame} und die umliegenden lassen sich nicht dekodieren.</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>Aus einer Datei…</translation>
    </message>
    <message>
        <source>From faithful to perceptual</source>
        <translation>Von originaltreu bis wahrnehmungsnah</translation>
    </message>
    <message>
        <source>From least error (left) to the appearance of sharp images (right)</source>
        <translation>Vom kleinsten Fehler (links) zum Aussehen scharfer Bilder (rechts)</translation>
    </message>
    <message>
        <source>From the upper value on a series is usable, below the lower one a repeat is advised, between them it is to be checked. A protocol of the site file goes before these.</source>
        <translation>Ab dem oberen Wert ist eine Serie verwendbar, unter dem unteren wird eine Wiederholung empfohlen, dazwischen ist sie zu prüfen. Ein Protokoll der Standortdatei geht diesen vor.</translation>
    </message>
    <message>
        <source>From: {source}. Holds from the next start on.</source>
        <translation>Quelle: {source}. Gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Give the chosen label to what hangs together in a slice</source>
        <translation>Das gewählte Label allem geben, was in einer Schicht zusammenhängt</translation>
    </message>
    <message>
        <source>Give the command the keys of the program</source>
        <translation>Dem Befehl die Tasten des Programms geben</translation>
    </message>
    <message>
        <source>Go back to the version before the one in force</source>
        <translation>Zurück zur Version vor der geltenden</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Go on with the batch in the output folder, if there is one</source>
        <translation>Den Stapel im Ausgabeordner fortsetzen, falls es einen gibt</translation>
    </message>
    <message>
        <source>Go to the next worst slice; Shift+N goes back</source>
        <translation>Zur nächstschlechteren Schicht; Umschalt+N geht zurück</translation>
    </message>
    <message>
        <source>Go to this slice</source>
        <translation>Zu dieser Schicht</translation>
    </message>
    <message>
        <source>Header</source>
        <translation>Kopfdaten</translation>
    </message>
    <message>
        <source>Header of {title}</source>
        <translation>Kopfdaten von {title}</translation>
    </message>
    <message>
        <source>Header…</source>
        <translation>Kopfdaten…</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Hide (E)</source>
        <translation>Ausblenden (E)</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>Histogramm</translation>
    </message>
    <message>
        <source>Histogram of the grey values</source>
        <translation>Histogramm der Grauwerte</translation>
    </message>
    <message>
        <source>Histogram of the luma</source>
        <translation>Histogramm der Helligkeit</translation>
    </message>
    <message>
        <source>Histogram or profile of the measurement</source>
        <translation>Histogramm oder Profil der Messung</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>History…</source>
        <translation>Verlauf…</translation>
    </message>
    <message>
        <source>Hold another series against this one</source>
        <translation>Eine andere Serie gegen diese halten</translation>
    </message>
    <message>
        <source>Hold two scored series against each other: which one to keep</source>
        <translation>Zwei bewertete Serien gegeneinander halten: welche behalten?</translation>
    </message>
    <message>
        <source>Home, End</source>
        <translation>Pos1, Ende</translation>
    </message>
    <message>
        <source>How fast it plays</source>
        <translation>Wie schnell abgespielt wird</translation>
    </message>
    <message>
        <source>How many times the pixels</source>
        <translation>Wievielfache Pixelzahl</translation>
    </message>
    <message>
        <source>How many times the pixels of a side</source>
        <translation>Wievielfache Pixelzahl je Seite</translation>
    </message>
    <message>
        <source>How scanners and protocols fare over time</source>
        <translation>Wie sich Scanner und Protokolle über die Zeit verhalten</translation>
    </message>
    <message>
        <source>How the views are laid out</source>
        <translation>Wie die Ansichten angeordnet sind</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Imported from {source_name}.</source>
        <translation>Importiert aus {source_name}.</translation>
    </message>
    <message>
        <source>Imported networks</source>
        <translation>Importierte Netze</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importieren…</translation>
    </message>
    <message>
        <source>In a view</source>
        <translation>In einer Ansicht</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Input folder</source>
        <translation>Eingabeordner</translation>
    </message>
    <message>
        <source>Interval that holds the true value nine times in ten</source>
        <translation>Intervall, das den wahren Wert in neun von zehn Fällen enthält</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>Invertieren</translation>
    </message>
    <message>
        <source>It was scored with unverified weights; choose those that are shipped.</source>
        <translation>Sie wurde mit ungeprüften Gewichten bewertet; wählen Sie die mitgelieferten.</translation>
    </message>
    <message>
        <source>Judge by the version that is shown</source>
        <translation>Nach der gezeigten Version urteilen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Keep A</source>
        <translation>A behalten</translation>
    </message>
    <message>
        <source>Keep B</source>
        <translation>B behalten</translation>
    </message>
    <message>
        <source>Keep the edits</source>
        <translation>Änderungen behalten</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Keys of commands</source>
        <translation>Tasten der Befehle</translation>
    </message>
    <message>
        <source>Keys, by their other key</source>
        <translation>Tasten, über ihre andere Taste</translation>
    </message>
    <message>
        <source>Label map and uncertainty as NIfTI</source>
        <translation>Labelkarte und Unsicherheit als NIfTI</translation>
    </message>
    <message>
        <source>Label {name}</source>
        <translation>Label {name}</translation>
    </message>
    <message>
        <source>Labels predicted by {name}{hand}.</source>
        <translation>Labels vorhergesagt von {name}{hand}.</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>Größerer Pinsel</translation>
    </message>
    <message>
        <source>Layout</source>
        <translation>Anordnung</translation>
    </message>
    <message>
        <source>Ledger</source>
        <translation>Dateibilanz</translation>
    </message>
    <message numerus="yes">
        <source>Ledger: {n} files: {items}</source>
        <translation>
            <numerusform>Dateibilanz: {n} Datei: {items}</numerusform>
            <numerusform>Dateibilanz: {n} Dateien: {items}</numerusform>
        </translation>
    </message>
    <message>
        <source>Left drag</source>
        <translation>Links ziehen</translation>
    </message>
    <message>
        <source>Left of the handle the series, right of it the other; drag the handle</source>
        <translation>Links vom Griff die Serie, rechts davon die andere; den Griff ziehen</translation>
    </message>
    <message>
        <source>Less opaque labels</source>
        <translation>Labels durchsichtiger</translation>
    </message>
    <message>
        <source>Let flicker what changed beyond the noise, and nothing else</source>
        <translation>Blinken lassen, was sich über das Rauschen hinaus geändert hat, und nichts sonst</translation>
    </message>
    <message>
        <source>Let scoring, segmenting and explaining rest; files are still read</source>
        <translation>Bewerten, Segmentieren und Erklären ruhen lassen; Dateien werden weiter gelesen</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Lage</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>Helles Farbschema</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Koppeln</translation>
    </message>
    <message>
        <source>Link the view with others</source>
        <translation>Ansicht mit anderen koppeln</translation>
    </message>
    <message>
        <source>Link with other views</source>
        <translation>Mit anderen Ansichten koppeln</translation>
    </message>
    <message>
        <source>List the elements of a file of the active series</source>
        <translation>Die Elemente einer Datei der aktiven Serie auflisten</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>Laden</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>Lädt</translation>
    </message>
    <message>
        <source>Loading was cancelled.</source>
        <translation>Das Laden wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Loading {title}</source>
        <translation>{title} wird geladen</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>Lädt…</translation>
    </message>
    <message>
        <source>Look at the folders and watch again.</source>
        <translation>Sehen Sie nach den Ordnern und überwachen Sie erneut.</translation>
    </message>
    <message>
        <source>Look every second (network shares)</source>
        <translation>Jede Sekunde nachsehen (Netzlaufwerke)</translation>
    </message>
    <message>
        <source>Looking for series</source>
        <translation>Suche nach Serien</translation>
    </message>
    <message>
        <source>Looking for series…</source>
        <translation>Suche nach Serien…</translation>
    </message>
    <message>
        <source>Magnifier</source>
        <translation>Lupe</translation>
    </message>
    <message>
        <source>Make the next version from all marks and put it in force</source>
        <translation>Aus allen Markierungen die nächste Version bilden und in Kraft setzen</translation>
    </message>
    <message>
        <source>Mark as not usable here</source>
        <translation>Als hier nicht verwendbar markieren</translation>
    </message>
    <message>
        <source>Mark as usable here</source>
        <translation>Als hier verwendbar markieren</translation>
    </message>
    <message>
        <source>Marked {word}: {count} of at least {least} series.</source>
        <translation>Als {word} markiert: {count} von mindestens {least} Serien.</translation>
    </message>
    <message>
        <source>Marks and curve</source>
        <translation>Markierungen und Kurve</translation>
    </message>
    <message>
        <source>Maximum of a slab</source>
        <translation>Maximum eines Schichtpakets</translation>
    </message>
    <message>
        <source>Mean, spread, signal to noise and histogram of the values in a rectangle</source>
        <translation>Mittelwert, Streuung, Signal zu Rauschen und Histogramm der Werte in einem Rechteck</translation>
    </message>
    <message>
        <source>Mean, spread, signal to noise and histogram of the values in an ellipse</source>
        <translation>Mittelwert, Streuung, Signal zu Rauschen und Histogramm der Werte in einer Ellipse</translation>
    </message>
    <message>
        <source>Measure every frame, draw how good each is, and play the best three seconds</source>
        <translation>Jedes Bild messen, seine Güte zeichnen und die besten drei Sekunden abspielen</translation>
    </message>
    <message>
        <source>Measure from one point to another, and show the values between them</source>
        <translation>Von einem Punkt zum anderen messen und die Werte dazwischen zeigen</translation>
    </message>
    <message>
        <source>Measure the angle at the second of three points</source>
        <translation>Den Winkel am zweiten von drei Punkten messen</translation>
    </message>
    <message>
        <source>Measured (UTC)</source>
        <translation>Gemessen (UTC)</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>Messungen</translation>
    </message>
    <message>
        <source>Measurements of the series</source>
        <translation>Messungen der Serie</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>Messung</translation>
    </message>
    <message>
        <source>Measuring {title}</source>
        <translation>{title} wird gemessen</translation>
    </message>
    <message>
        <source>Measuring: {done} of {count} frames</source>
        <translation>Messung: {done} von {count} Bildern</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>Wird gemessen…</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>Middle, Shift+drag</source>
        <translation>Mitte, Umschalt+Ziehen</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>Modalität</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>Modellkarte</translation>
    </message>
    <message>
        <source>More opaque labels</source>
        <translation>Labels deckender</translation>
    </message>
    <message>
        <source>Mosaic of slices</source>
        <translation>Mosaik der Schichten</translation>
    </message>
    <message>
        <source>N = next worst</source>
        <translation>N = nächste</translation>
    </message>
    <message>
        <source>NEU</source>
        <translation>NEU</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name and address of the institution</source>
        <translation>Name und Anschrift der Einrichtung</translation>
    </message>
    <message>
        <source>Name of the operator</source>
        <translation>Name des Operators</translation>
    </message>
    <message>
        <source>Names of patients</source>
        <translation>Namen von Patienten</translation>
    </message>
    <message>
        <source>Names, ids, dates, descriptions and private attributes are removed, UIDs replaced, by the DICOM basic confidentiality profile. Each file is read again and verified.</source>
        <translation>Namen, Kennungen, Daten, Beschreibungen und private Attribute werden entfernt und UIDs ersetzt, nach dem grundlegenden Vertraulichkeitsprofil von DICOM. Jede Datei wird noch einmal gelesen und geprüft.</translation>
    </message>
    <message>
        <source>Network: {name}</source>
        <translation>Netz: {name}</translation>
    </message>
    <message>
        <source>Networks</source>
        <translation>Netze</translation>
    </message>
    <message>
        <source>Neurological: patient&apos;s right on the right</source>
        <translation>Neurologisch: rechte Seite des Patienten rechts</translation>
    </message>
    <message>
        <source>New keys</source>
        <translation>Neue Tasten</translation>
    </message>
    <message>
        <source>New window</source>
        <translation>Neues Fenster</translation>
    </message>
    <message>
        <source>Next colour map</source>
        <translation>Nächste Farbtabelle</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Next label</source>
        <translation>Nächstes Label</translation>
    </message>
    <message>
        <source>Next series</source>
        <translation>Nächste Serie</translation>
    </message>
    <message>
        <source>Next worst</source>
        <translation>Schlechtere</translation>
    </message>
    <message>
        <source>Next worst (N)</source>
        <translation>Schlechtere (N)</translation>
    </message>
    <message>
        <source>Next worst slice</source>
        <translation>Nächstschlechtere Schicht</translation>
    </message>
    <message>
        <source>No calibration</source>
        <translation>Keine Kalibrierung</translation>
    </message>
    <message>
        <source>No calibration is in force.</source>
        <translation>Keine Kalibrierung ist in Kraft.</translation>
    </message>
    <message>
        <source>No network is installed for this; choose one from a file.</source>
        <translation>Dafür ist kein Netz installiert; wählen Sie eines aus einer Datei.</translation>
    </message>
    <message>
        <source>No operator is installed: there is the faithful end alone. Fit one below.</source>
        <translation>Kein Operator ist installiert: Es gibt nur das originaltreue Ende. Passen Sie unten einen an.</translation>
    </message>
    <message>
        <source>No reason given</source>
        <translation>Kein Grund angegeben</translation>
    </message>
    <message>
        <source>No scan</source>
        <translation>Keine Aufnahme</translation>
    </message>
    <message>
        <source>No series</source>
        <translation>Keine Serie</translation>
    </message>
    <message>
        <source>No series in this view</source>
        <translation>Keine Serie in dieser Ansicht</translation>
    </message>
    <message>
        <source>No series is open.</source>
        <translation>Keine Serie ist geöffnet.</translation>
    </message>
    <message>
        <source>No slices are matched.</source>
        <translation>Keine Schichten sind zugeordnet.</translation>
    </message>
    <message>
        <source>No supported difference</source>
        <translation>Kein belegter Unterschied</translation>
    </message>
    <message>
        <source>Noise {sigma:.3g}, {relative_noise:.1%} of the range, measured in {source}. Hold B: the source.</source>
        <translation>Rauschen {sigma:.3g}, {relative_noise:.1%} des Wertebereichs, gemessen in {source}. B halten: die Vorlage.</translation>
    </message>
    <message>
        <source>operator {name} version {version}{made_for} in {space}</source>
        <translation>Operator {name} Version {version}{made_for} in {space}</translation>
    </message>
    <message>
        <source>None of {count} files can be read.</source>
        <translation>Keine von {count} Dateien ist lesbar.</translation>
    </message>
    <message>
        <source>Along the axes of the scan.</source>
        <translation>Entlang der Achsen der Aufnahme.</translation>
    </message>
    <message>
        <source>Along the patient&apos;s axes</source>
        <translation>Entlang der Patientenachsen</translation>
    </message>
    <message>
        <source>Along the patient&apos;s axes, resampled.</source>
        <translation>Entlang der Patientenachsen, interpoliert.</translation>
    </message>
    <message>
        <source>Backend</source>
        <translation>Rechenweg</translation>
    </message>
    <message>
        <source>Backend, note</source>
        <translation>Rechenweg, Hinweis</translation>
    </message>
    <message>
        <source>Backends</source>
        <translation>Rechenwege</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Do anything that stands in a menu by a part of its name</source>
        <translation>Alles, was in einem Menü steht, über einen Teil seines Namens tun</translation>
    </message>
    <message>
        <source>Edits of labels could not be brought back.</source>
        <translation>Änderungen an Labels konnten nicht zurückgeholt werden.</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>Befehl suchen</translation>
    </message>
    <message>
        <source>Find a command…</source>
        <translation>Befehl suchen…</translation>
    </message>
    <message>
        <source>Labels and their edits are back ({n}).</source>
        <translation>Die Labels und ihre Änderungen sind wieder da ({n}).</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Größter</translation>
    </message>
    <message>
        <source>Mean difference</source>
        <translation>Mittlerer Unterschied</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Measure and paint on the slices as they were acquired: along their own axes.</source>
        <translation>Gemessen und gemalt wird auf den Schichten, wie sie aufgenommen wurden: entlang ihrer eigenen Achsen.</translation>
    </message>
    <message>
        <source>Measuring backends</source>
        <translation>Rechenwege messen</translation>
    </message>
    <message>
        <source>Near a threshold</source>
        <translation>Nahe an einer Schwelle</translation>
    </message>
    <message>
        <source>No command has such a name.</source>
        <translation>Kein Befehl heißt so.</translation>
    </message>
    <message>
        <source>Not assessed</source>
        <translation>Nicht beurteilt</translation>
    </message>
    <message>
        <source>Not compared</source>
        <translation>Nicht verglichen</translation>
    </message>
    <message>
        <source>Not exported ({count}): {reason}</source>
        <translation>Nicht exportiert ({count}): {reason}</translation>
    </message>
    <message>
        <source>Not for diagnosis</source>
        <translation>Nicht zur Diagnose</translation>
    </message>
    <message>
        <source>Not loaded</source>
        <translation>Nicht geladen</translation>
    </message>
    <message>
        <source>Not measured yet with these weights on this machine: torch-float32 is used.</source>
        <translation>Mit diesen Gewichten auf diesem Rechner noch nicht gemessen: torch-float32 wird verwendet.</translation>
    </message>
    <message>
        <source>Not restored. What is restored is computed, not acquired.</source>
        <translation>Nicht restauriert. Was restauriert ist, ist berechnet, nicht aufgenommen.</translation>
    </message>
    <message>
        <source>Not scored</source>
        <translation>Nicht bewertet</translation>
    </message>
    <message>
        <source>Not scored yet</source>
        <translation>Noch nicht bewertet</translation>
    </message>
    <message>
        <source>Not scored yet.</source>
        <translation>Noch nicht bewertet.</translation>
    </message>
    <message>
        <source>Not segmented yet.</source>
        <translation>Noch nicht segmentiert.</translation>
    </message>
    <message>
        <source>Not usable</source>
        <translation>Nicht verwendbar</translation>
    </message>
    <message>
        <source>Not watching. What was scored is kept; watch again to go on.</source>
        <translation>Keine Überwachung. Was bewertet wurde, bleibt; erneut überwachen, um fortzufahren.</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Vermerk</translation>
    </message>
    <message>
        <source>Note (no names)</source>
        <translation>Vermerk (keine Namen)</translation>
    </message>
    <message>
        <source>Note ({count}): {text}</source>
        <translation>Hinweis ({count}): {text}</translation>
    </message>
    <message>
        <source>Note to the decision</source>
        <translation>Vermerk zur Entscheidung</translation>
    </message>
    <message>
        <source>Nothing is at work.</source>
        <translation>Nichts in Arbeit.</translation>
    </message>
    <message>
        <source>Nothing is kept; the next start has what holds now</source>
        <translation>Nichts wird behalten; beim nächsten Start gilt, was jetzt gilt</translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>Nichts wurde exportiert.</translation>
    </message>
    <message>
        <source>Nothing was opened</source>
        <translation>Nichts wurde geöffnet</translation>
    </message>
    <message>
        <source>Nothing was predicted when this was decided.</source>
        <translation>Es war nichts vorhergesagt, als dies entschieden wurde.</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>Number of shares</source>
        <translation>Zahl der Anteile</translation>
    </message>
    <message>
        <source>Offered on the keys from 2 on, after the windows of the file. Level and width in the unit of the series; without a modality a window is for every series.</source>
        <translation>Auf den Tasten ab 2 angeboten, nach den Fenstern der Datei. Lage und Weite in der Einheit der Serie; ohne Modalität gilt ein Fenster für jede Serie.</translation>
    </message>
    <message>
        <source>One frame back (comma, Up)</source>
        <translation>Ein Bild zurück (Komma, Pfeil auf)</translation>
    </message>
    <message>
        <source>One frame back, on</source>
        <translation>Ein Bild zurück, weiter</translation>
    </message>
    <message>
        <source>One frame on (full stop, Down)</source>
        <translation>Ein Bild weiter (Punkt, Pfeil ab)</translation>
    </message>
    <message>
        <source>One of the windows is none; its row is named on the page Windows.</source>
        <translation>Eines der Fenster ist keines; seine Zeile ist auf der Seite Fenster genannt.</translation>
    </message>
    <message>
        <source>One plane</source>
        <translation>Eine Ebene</translation>
    </message>
    <message>
        <source>Only a series of DICOM images can have a DICOM SEG.</source>
        <translation>Nur eine Serie aus DICOM-Bildern kann ein DICOM SEG haben.</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>Deckkraft</translation>
    </message>
    <message>
        <source>Opacity of the labels</source>
        <translation>Deckkraft der Labels</translation>
    </message>
    <message>
        <source>Opacity of the labels (Alt+PgUp, Alt+PgDown)</source>
        <translation>Deckkraft der Labels (Alt+Bild aufwärts, Alt+Bild abwärts)</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open a scan to see how good it is.</source>
        <translation>Öffnen Sie eine Aufnahme, um zu sehen, wie gut sie ist.</translation>
    </message>
    <message>
        <source>Open another file…</source>
        <translation>Andere Datei öffnen…</translation>
    </message>
    <message>
        <source>Open file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>Datei öffnen…</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Open the scan that comes with Acutance</source>
        <translation>Die Aufnahme öffnen, die Acutance beiliegt</translation>
    </message>
    <message>
        <source>Open {path}</source>
        <translation>{path} öffnen</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>Other metrics</source>
        <translation>Weitere Metriken</translation>
    </message>
    <message>
        <source>Other metrics of both series</source>
        <translation>Weitere Metriken beider Serien</translation>
    </message>
    <message>
        <source>Other than predicted.</source>
        <translation>Anders als vorhergesagt.</translation>
    </message>
    <message>
        <source>Out of scope: {reason}</source>
        <translation>Außerhalb des Gültigkeitsbereichs: {reason}</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>Umriss</translation>
    </message>
    <message>
        <source>Outline of the segmentation</source>
        <translation>Umriss der Segmentierung</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Ausgabe</translation>
    </message>
    <message>
        <source>Output folder</source>
        <translation>Ausgabeordner</translation>
    </message>
    <message>
        <source>PNG picture (*.png)</source>
        <translation>PNG-Bild (*.png)</translation>
    </message>
    <message>
        <source>Paint the chosen label; Ctrl erases, Alt and a click takes a label</source>
        <translation>Das gewählte Label malen; Strg radiert, Alt und ein Klick nehmen ein Label auf</translation>
    </message>
    <message>
        <source>Paint {name} (Alt+Shift+Up, Alt+Shift+Down)</source>
        <translation>{name} malen (Alt+Umschalt+Hoch, Alt+Umschalt+Herunter)</translation>
    </message>
    <message>
        <source>Pan</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Patch</source>
        <translation>Ausschnitt</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Pause engines</source>
        <translation>Verfahren anhalten</translation>
    </message>
    <message>
        <source>Paused; series at work are finished</source>
        <translation>Angehalten; begonnene Serien werden beendet</translation>
    </message>
    <message>
        <source>Picture with the verdict as PNG</source>
        <translation>Bild mit dem Urteil als PNG</translation>
    </message>
    <message>
        <source>Pixel spacing</source>
        <translation>Pixelabstand</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Pixel</translation>
    </message>
    <message>
        <source>Pixels stay as they are: a name drawn into an image, or a face that a head scan shows, is not removed.</source>
        <translation>Pixel bleiben, wie sie sind: Ein ins Bild gezeichneter Name oder ein Gesicht, das eine Kopfaufnahme zeigt, wird nicht entfernt.</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>Orte</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>Planen</translation>
    </message>
    <message>
        <source>Plane</source>
        <translation>Ebene</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play or stop</source>
        <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play or stop (Space, C)</source>
        <translation>Abspielen oder anhalten (Leertaste, C)</translation>
    </message>
    <message>
        <source>Play or stop a video</source>
        <translation>Video abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play the whole clip again, not only what was previewed</source>
        <translation>Den ganzen Clip wieder abspielen, nicht nur die Vorschau</translation>
    </message>
    <message>
        <source>Please report this.</source>
        <translation>Bitte melden Sie dies.</translation>
    </message>
    <message>
        <source>Position along {name}, 0 to {size}</source>
        <translation>Position entlang {name}, 0 bis {size}</translation>
    </message>
    <message>
        <source>Predict the SSIM of each slice (Ctrl+Return)</source>
        <translation>SSIM jeder Schicht vorhersagen (Strg+Return)</translation>
    </message>
    <message>
        <source>Predicted SSIM</source>
        <translation>Vorhergesagte SSIM</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Preview enhanced</source>
        <translation>Vorschau der Verbesserung</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Previous label</source>
        <translation>Voriges Label</translation>
    </message>
    <message>
        <source>Previous series</source>
        <translation>Vorige Serie</translation>
    </message>
    <message>
        <source>Previous worst slice</source>
        <translation>Vorige schlechte Schicht</translation>
    </message>
    <message>
        <source>Private attributes that the standard lists as safe</source>
        <translation>Private Attribute, die die Norm als sicher aufführt</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Progress of the job</source>
        <translation>Fortschritt des Auftrags</translation>
    </message>
    <message>
        <source>Progress of the measurement</source>
        <translation>Fortschritt der Messung</translation>
    </message>
    <message>
        <source>Progress of the score</source>
        <translation>Fortschritt der Bewertung</translation>
    </message>
    <message>
        <source>Provenance</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Queue and outcomes</source>
        <translation>Warteschlange und Ergebnisse</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>RAD</source>
        <translation>RAD</translation>
    </message>
    <message>
        <source>RESTORED  alpha {alpha:.2f}</source>
        <translation>RESTAURIERT  alpha {alpha:.2f}</translation>
    </message>
    <message>
        <source>RESTORED by Acutance</source>
        <translation>RESTAURIERT von Acutance</translation>
    </message>
    <message>
        <source>Radiological: patient&apos;s right on the left</source>
        <translation>Radiologisch: rechte Seite des Patienten links</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>Leser</translation>
    </message>
    <message>
        <source>Reading the header…</source>
        <translation>Kopfdaten werden gelesen…</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <source>Reason of the decision</source>
        <translation>Grund der Entscheidung</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Record as JSON, with path and note</source>
        <translation>Datensatz als JSON, mit Pfad und Vermerk</translation>
    </message>
    <message>
        <source>Record with provenance as JSON</source>
        <translation>Datensatz mit Herkunft als JSON</translation>
    </message>
    <message>
        <source>Rectangular region</source>
        <translation>Rechteckige Region</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Redo, by its other key</source>
        <translation>Wiederherstellen, mit der anderen Taste</translation>
    </message>
    <message>
        <source>Reliability, each series predicted from the others</source>
        <translation>Zuverlässigkeit, jede Serie aus den anderen vorhergesagt</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Remove all measurements of the series</source>
        <translation>Alle Messungen der Serie entfernen</translation>
    </message>
    <message>
        <source>Remove from list</source>
        <translation>Aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Remove measurement</source>
        <translation>Messung entfernen</translation>
    </message>
    <message>
        <source>Remove series from list</source>
        <translation>Serie aus der Liste entfernen</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Repeat advised</source>
        <translation>Wiederholung empfohlen</translation>
    </message>
    <message>
        <source>Repeat below</source>
        <translation>Wiederholen unter</translation>
    </message>
    <message>
        <source>Repeat or keep</source>
        <translation>Wiederholen oder behalten</translation>
    </message>
    <message>
        <source>Repeat or keep…</source>
        <translation>Wiederholen oder behalten…</translation>
    </message>
    <message>
        <source>Repeat the series</source>
        <translation>Serie wiederholen</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Report as HTML, one file</source>
        <translation>Bericht als HTML, eine Datei</translation>
    </message>
    <message>
        <source>Report as PDF</source>
        <translation>Bericht als PDF</translation>
    </message>
    <message>
        <source>Report…</source>
        <translation>Bericht…</translation>
    </message>
    <message>
        <source>Resample an oblique volume to planes of the patient; scores stay with its slices</source>
        <translation>Ein schräges Volumen in Ebenen des Patienten interpolieren; Bewertungen bleiben bei seinen Schichten</translation>
    </message>
    <message>
        <source>Reset panels</source>
        <translation>Bereiche zurücksetzen</translation>
    </message>
    <message>
        <source>Reset view and window</source>
        <translation>Ansicht und Fenster zurücksetzen</translation>
    </message>
    <message>
        <source>Restoration</source>
        <translation>Restaurierung</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Restaurieren</translation>
    </message>
    <message>
        <source>Restore again</source>
        <translation>Erneut restaurieren</translation>
    </message>
    <message>
        <source>Restore with a network from a safetensors file</source>
        <translation>Mit einem Netz aus einer safetensors-Datei restaurieren</translation>
    </message>
    <message>
        <source>Restore with weights…</source>
        <translation>Mit Gewichten restaurieren…</translation>
    </message>
    <message>
        <source>Restored</source>
        <translation>Restauriert</translation>
    </message>
    <message>
        <source>Restored image</source>
        <translation>Restauriertes Bild</translation>
    </message>
    <message>
        <source>Restored side</source>
        <translation>Restaurierte Seite</translation>
    </message>
    <message>
        <source>Restored: computed, not acquired.</source>
        <translation>Restauriert: berechnet, nicht aufgenommen.</translation>
    </message>
    <message>
        <source>Restoring the slice in view</source>
        <translation>Die gezeigte Schicht wird restauriert</translation>
    </message>
    <message>
        <source>Restoring {title}</source>
        <translation>{title} wird restauriert</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Revert</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>Right drag, +, −</source>
        <translation>Rechts ziehen, +, −</translation>
    </message>
    <message>
        <source>Row {row} is no window: it needs a name, a level, and a width above 0.</source>
        <translation>Zeile {row} ist kein Fenster: Sie braucht einen Namen, eine Lage und eine Weite über 0.</translation>
    </message>
    <message>
        <source>SHA-256 {sha256}.</source>
        <translation>SHA-256 {sha256}.</translation>
    </message>
    <message>
        <source>SNR is the mean of the region over its standard deviation.</source>
        <translation>SNR ist der Mittelwert der Region durch ihre Standardabweichung.</translation>
    </message>
    <message>
        <source>SNR {snr:.1f}</source>
        <translation>SNR {snr:.1f}</translation>
    </message>
    <message>
        <source>SSIM pred.</source>
        <translation>SSIM vorh.</translation>
    </message>
    <message>
        <source>Sample scan</source>
        <translation>Beispielaufnahme</translation>
    </message>
    <message>
        <source>Save view</source>
        <translation>Ansicht speichern</translation>
    </message>
    <message>
        <source>Save view…</source>
        <translation>Ansicht speichern…</translation>
    </message>
    <message>
        <source>Saved: {path}</source>
        <translation>Gespeichert: {path}</translation>
    </message>
    <message>
        <source>Say by about a dozen sharp slices what the perceptual end looks like</source>
        <translation>Mit etwa einem Dutzend scharfer Schichten sagen, wie das wahrnehmungsnahe Ende aussieht</translation>
    </message>
    <message>
        <source>Say of at least 30 of your own series whether they are usable. From that comes how probably a series of a predicted SSIM is usable here, and thresholds for the verdict. Kept are a hash of the voxels, the prediction and your word; nothing that names a patient.</source>
        <translation>Sagen Sie von mindestens 30 eigenen Serien, ob sie verwendbar sind. Daraus ergibt sich, wie wahrscheinlich eine Serie mit einer vorhergesagten SSIM hier verwendbar ist, und Schwellen für das Urteil. Behalten werden ein Hash der Voxel, die Vorhersage und Ihr Wort; nichts, was einen Patienten nennt.</translation>
    </message>
    <message>
        <source>Scanner, protocol and coil</source>
        <translation>Scanner, Protokoll und Spule</translation>
    </message>
    <message>
        <source>Scans and videos (*.dcm *.ima *.nii *.nii.gz *.gz *.hdr *.img *.nrrd *.nhdr *.mha *.mhd *.tif *.tiff *.png *.jpg *.jpeg *.bmp *.jp2 *.npy *.mp4 *.m4v *.mov *.avi *.mkv *.webm *.wmv *.mpg *.ts);;All files (*)</source>
        <translation>Aufnahmen und Videos (*.dcm *.ima *.nii *.nii.gz *.gz *.hdr *.img *.nrrd *.nhdr *.mha *.mhd *.tif *.tiff *.png *.jpg *.jpeg *.bmp *.jp2 *.npy *.mp4 *.m4v *.mov *.avi *.mkv *.webm *.wmv *.mpg *.ts);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Bewerten</translation>
    </message>
    <message>
        <source>Score again</source>
        <translation>Neu bewerten</translation>
    </message>
    <message>
        <source>Score all loaded series</source>
        <translation>Alle geladenen Serien bewerten</translation>
    </message>
    <message>
        <source>Score each series as soon as it arrives in a folder</source>
        <translation>Jede Serie bewerten, sobald sie in einem Ordner ankommt</translation>
    </message>
    <message>
        <source>Score strip</source>
        <translation>Bewertungsstreifen</translation>
    </message>
    <message>
        <source>Score the series again to mark it.</source>
        <translation>Bewerten Sie die Serie erneut, um sie zu markieren.</translation>
    </message>
    <message>
        <source>Score what is opened</source>
        <translation>Geöffnetes bewerten</translation>
    </message>
    <message>
        <source>Scoring</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Scoring was cancelled.</source>
        <translation>Die Bewertung wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Scoring weights</source>
        <translation>Gewichte der Bewertung</translation>
    </message>
    <message>
        <source>Scoring {title}</source>
        <translation>{title} wird bewertet</translation>
    </message>
    <message>
        <source>Scoring…</source>
        <translation>Wird bewertet…</translation>
    </message>
    <message>
        <source>Scoring… {progress:.0f} %</source>
        <translation>Wird bewertet… {progress:.0f} %</translation>
    </message>
    <message>
        <source>Scroll</source>
        <translation>Blättern</translation>
    </message>
    <message>
        <source>Scroll, zoom and pan the view in hand together with those of the same space</source>
        <translation>Die gewählte Ansicht mit denen desselben Raums blättern, zoomen und verschieben</translation>
    </message>
    <message>
        <source>Search a command or a key</source>
        <translation>Befehl oder Taste suchen</translation>
    </message>
    <message>
        <source>Search series</source>
        <translation>Serie suchen</translation>
    </message>
    <message>
        <source>Search tag, name or value</source>
        <translation>Tag, Namen oder Wert suchen</translation>
    </message>
    <message>
        <source>Search the header</source>
        <translation>Kopfdaten durchsuchen</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Segmentieren</translation>
    </message>
    <message>
        <source>Segment again</source>
        <translation>Erneut segmentieren</translation>
    </message>
    <message>
        <source>Segment the series first (Ctrl+G).</source>
        <translation>Segmentieren Sie die Serie zuerst (Strg+G).</translation>
    </message>
    <message>
        <source>Segment with a network from a safetensors file</source>
        <translation>Mit einem Netz aus einer safetensors-Datei segmentieren</translation>
    </message>
    <message>
        <source>Segment with weights…</source>
        <translation>Mit Gewichten segmentieren…</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>Segmenting {title}</source>
        <translation>{title} wird segmentiert</translation>
    </message>
    <message>
        <source>Segmenting…</source>
        <translation>Wird segmentiert…</translation>
    </message>
    <message>
        <source>Serial numbers and names of devices</source>
        <translation>Seriennummern und Namen von Geräten</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>Serien</translation>
    </message>
    <message>
        <source>Series marked</source>
        <translation>Markierte Serien</translation>
    </message>
    <message>
        <source>Series name in pictures</source>
        <translation>Serienname in Bildern</translation>
    </message>
    <message>
        <source>Series that have arrived, newest first</source>
        <translation>Angekommene Serien, neueste zuerst</translation>
    </message>
    <message>
        <source>Series {label}</source>
        <translation>Serie {label}</translation>
    </message>
    <message>
        <source>Series: {items}</source>
        <translation>Serien: {items}</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Several machines divide one input folder, each with its own share and output; acutance batch merge joins them</source>
        <translation>Mehrere Rechner teilen sich einen Eingabeordner, jeder mit eigenem Anteil und eigener Ausgabe; acutance batch merge fügt sie zusammen</translation>
    </message>
    <message>
        <source>Sex, age, size and weight of the patient</source>
        <translation>Geschlecht, Alter, Größe und Gewicht des Patienten</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>Share of the network</source>
        <translation>Anteil des Netzes</translation>
    </message>
    <message>
        <source>Share of the network; the rest is bicubic interpolation</source>
        <translation>Anteil des Netzes; der Rest ist bikubische Interpolation</translation>
    </message>
    <message>
        <source>Sharp slices</source>
        <translation>Scharfe Schichten</translation>
    </message>
    <message>
        <source>Shift+Up, Down</source>
        <translation>Umschalt+Auf, Ab</translation>
    </message>
    <message>
        <source>Show a file that was made of the clip in view, split or side by side</source>
        <translation>Eine Datei zeigen, die aus dem gezeigten Clip gemacht wurde, geteilt oder nebeneinander</translation>
    </message>
    <message>
        <source>Show enhanced clip</source>
        <translation>Verbesserten Clip zeigen</translation>
    </message>
    <message>
        <source>Show enhanced clip beside…</source>
        <translation>Verbesserten Clip daneben zeigen…</translation>
    </message>
    <message>
        <source>Show names, numbers and dates of patients, or mask them</source>
        <translation>Namen, Nummern und Daten von Patienten zeigen oder verdecken</translation>
    </message>
    <message>
        <source>Show original and enhanced beside each other</source>
        <translation>Original und Verbessertes nebeneinander zeigen</translation>
    </message>
    <message>
        <source>Show results</source>
        <translation>Ergebnisse zeigen</translation>
    </message>
    <message>
        <source>Show the enhanced part to the right of a line</source>
        <translation>Den verbesserten Teil rechts von einer Linie zeigen</translation>
    </message>
    <message>
        <source>Show the largest value along the way through several slices</source>
        <translation>Den größten Wert auf dem Weg durch mehrere Schichten zeigen</translation>
    </message>
    <message>
        <source>Show the original alone</source>
        <translation>Nur das Original zeigen</translation>
    </message>
    <message>
        <source>Show the pixels under the pointer three times as large</source>
        <translation>Die Pixel unter dem Zeiger dreifach vergrößert zeigen</translation>
    </message>
    <message>
        <source>Show the spatial frequencies of the slice in view</source>
        <translation>Die räumlichen Frequenzen der gezeigten Schicht zeigen</translation>
    </message>
    <message>
        <source>Show what lowers the predicted SSIM of the slice in view, where a test supports it</source>
        <translation>Zeigen, was die vorhergesagte SSIM der gezeigten Schicht senkt, wo ein Test es stützt</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Signal</source>
        <translation>Signal</translation>
    </message>
    <message>
        <source>Single slices</source>
        <translation>Einzelne Schichten</translation>
    </message>
    <message>
        <source>Site calibration</source>
        <translation>Kalibrierung des Standorts</translation>
    </message>
    <message>
        <source>Site calibration…</source>
        <translation>Kalibrierung des Standorts…</translation>
    </message>
    <message>
        <source>Site file</source>
        <translation>Standortdatei</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Size of the brush</source>
        <translation>Größe des Pinsels</translation>
    </message>
    <message>
        <source>Slices of the whole stack side by side; Ctrl+wheel changes how many</source>
        <translation>Schichten des ganzen Stapels nebeneinander; Strg+Mausrad ändert die Zahl</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>Kleinerer Pinsel</translation>
    </message>
    <message>
        <source>Something went wrong inside Acutance ({kind}). What is open stays open; please report it.</source>
        <translation>In Acutance ist etwas schiefgegangen ({kind}). Was geöffnet ist, bleibt geöffnet; bitte melden Sie es.</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Space, C</source>
        <translation>Leertaste, C</translation>
    </message>
    <message>
        <source>Spacing</source>
        <translation>Abstände</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Geteilt</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop scoring</source>
        <translation>Bewertung abbrechen</translation>
    </message>
    <message>
        <source>Stored as</source>
        <translation>Gespeichert als</translation>
    </message>
    <message>
        <source>Stretch the air around the patient, where ghosts and streaks show first</source>
        <translation>Die Luft um den Patienten spreizen, wo Geister und Streifen sich zuerst zeigen</translation>
    </message>
    <message>
        <source>Strip of changes beyond the noise</source>
        <translation>Streifen der Änderungen über das Rauschen hinaus</translation>
    </message>
    <message>
        <source>Swipe between two series</source>
        <translation>Zwischen zwei Serien wischen</translation>
    </message>
    <message>
        <source>Table of regions as CSV</source>
        <translation>Tabelle der Regionen als CSV</translation>
    </message>
    <message>
        <source>Tag</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Take a tool and draw on a slice: distance (D), angle (A), region (Q).</source>
        <translation>Nehmen Sie ein Werkzeug und zeichnen Sie auf eine Schicht: Abstand (D), Winkel (A), Region (Q).</translation>
    </message>
    <message>
        <source>Take a tool first, for example the brush (P).</source>
        <translation>Nehmen Sie zuerst ein Werkzeug, zum Beispiel den Pinsel (P).</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>Take labels away</source>
        <translation>Labels wegnehmen</translation>
    </message>
    <message>
        <source>Take noise or motion away with a network; the scan itself stays as it is</source>
        <translation>Rauschen oder Bewegung mit einem Netz entfernen; die Aufnahme selbst bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>Take the decision back</source>
        <translation>Entscheidung zurücknehmen</translation>
    </message>
    <message>
        <source>Takes a quarter of a minute on an idle machine; can be cancelled</source>
        <translation>Dauert eine Viertelminute, wenn der Rechner sonst nichts tut; kann abgebrochen werden</translation>
    </message>
    <message>
        <source>Tasks</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>Ten slices or frames on</source>
        <translation>Zehn Schichten oder Bilder weiter</translation>
    </message>
    <message>
        <source>That series was closed.</source>
        <translation>Diese Serie wurde geschlossen.</translation>
    </message>
    <message>
        <source>The active series</source>
        <translation>Die aktive Serie</translation>
    </message>
    <message>
        <source>The active series is good enough ({keys})</source>
        <translation>Die aktive Serie ist gut genug ({keys})</translation>
    </message>
    <message>
        <source>The active series is not good enough ({keys})</source>
        <translation>Die aktive Serie ist nicht gut genug ({keys})</translation>
    </message>
    <message>
        <source>The device must be auto, cpu, or cuda: with a number.</source>
        <translation>Das Gerät muss auto, cpu oder cuda: mit einer Zahl sein.</translation>
    </message>
    <message>
        <source>The export was cancelled.</source>
        <translation>Der Export wurde abgebrochen.</translation>
    </message>
    <message>
        <source>The export was cancelled; nothing was written.</source>
        <translation>Der Export wurde abgebrochen; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>The folder cannot be watched or written any more: {strerror}.</source>
        <translation>Der Ordner kann nicht mehr überwacht oder beschrieben werden: {strerror}.</translation>
    </message>
    <message>
        <source>The header is longer than what is listed.</source>
        <translation>Die Kopfdaten sind länger als das, was aufgelistet ist.</translation>
    </message>
    <message>
        <source>The history was damaged; it is kept as {name}.</source>
        <translation>Der Verlauf war beschädigt; er ist als {name} aufbewahrt.</translation>
    </message>
    <message>
        <source>The labels were edited by hand ({count}).</source>
        <translation>Die Labels wurden von Hand bearbeitet ({count}).</translation>
    </message>
    <message>
        <source>The lower threshold must lie below the upper one.</source>
        <translation>Die untere Schwelle muss unter der oberen liegen.</translation>
    </message>
    <message>
        <source>The mark was taken back.</source>
        <translation>Die Markierung wurde zurückgenommen.</translation>
    </message>
    <message>
        <source>The marks bear out no thresholds, so those before stay. {better}</source>
        <translation>Die Markierungen tragen keine Schwellen, daher bleiben die bisherigen. {better}</translation>
    </message>
    <message>
        <source>The marks make no calibration: {error}.</source>
        <translation>Die Markierungen ergeben keine Kalibrierung: {error}.</translation>
    </message>
    <message>
        <source>The model card cannot be read.</source>
        <translation>Die Modellkarte ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The noise could not be measured: no evidence. Hold B: the source.</source>
        <translation>Das Rauschen ließ sich nicht messen: kein Beleg. B halten: die Vorlage.</translation>
    </message>
    <message>
        <source>The other metrics could not be measured.</source>
        <translation>Die weiteren Metriken ließen sich nicht messen.</translation>
    </message>
    <message>
        <source>The plan says what there is, about how long it takes and what room the results need; nothing begins before you start it.</source>
        <translation>Der Plan sagt, was da ist, wie lange es etwa dauert und wie viel Platz die Ergebnisse brauchen; nichts beginnt, bevor Sie es starten.</translation>
    </message>
    <message>
        <source>The plane in view large, the others beside it</source>
        <translation>Die gezeigte Ebene groß, die anderen daneben</translation>
    </message>
    <message>
        <source>The same network, computed by different runtimes and precisions. Of those measured on made-up slices, the fastest whose scores are within the tolerance is taken for “auto”; what lies near a threshold is computed once more in float32, so that no verdict depends on the choice.</source>
        <translation>Dasselbe Netz, gerechnet mit verschiedenen Laufzeitumgebungen und Genauigkeiten. Von denen, die an erdachten Schichten gemessen wurden, gilt für „auto“ der schnellste Weg, dessen Bewertungen in der Toleranz liegen; was nahe an einer Schwelle liegt, wird in float32 noch einmal gerechnet, sodass kein Urteil von der Wahl abhängt.</translation>
    </message>
    <message>
        <source>The search was cancelled; what was found stays.</source>
        <translation>Die Suche wurde abgebrochen; was gefunden wurde, bleibt.</translation>
    </message>
    <message>
        <source>The series could not be read.</source>
        <translation>Die Serie konnte nicht gelesen werden.</translation>
    </message>
    <message>
        <source>The series could not be scored.</source>
        <translation>Die Serie konnte nicht bewertet werden.</translation>
    </message>
    <message>
        <source>The series has no score yet.</source>
        <translation>Die Serie hat noch keine Bewertung.</translation>
    </message>
    <message>
        <source>The series is not assessed, so it cannot be marked.</source>
        <translation>Die Serie ist nicht beurteilt und kann daher nicht markiert werden.</translation>
    </message>
    <message>
        <source>The series is not loaded yet.</source>
        <translation>Die Serie ist noch nicht geladen.</translation>
    </message>
    <message>
        <source>The series minus the other one, with a scale in its own unit</source>
        <translation>Die Serie minus die andere, mit einer Skala in ihrer Einheit</translation>
    </message>
    <message>
        <source>The settings were damaged and start afresh; the old file was kept beside.</source>
        <translation>Die Einstellungen waren beschädigt und beginnen neu; die alte Datei liegt daneben.</translation>
    </message>
    <message>
        <source>The site file is named with --site or ACUTANCE_SITE_FILE, the folder of calibrations with ACUTANCE_CALIBRATION_DIR. Nothing is kept elsewhere, and nothing is sent.</source>
        <translation>Die Standortdatei wird mit --site oder ACUTANCE_SITE_FILE genannt, der Ordner der Kalibrierungen mit ACUTANCE_CALIBRATION_DIR. Nirgends sonst wird etwas aufbewahrt, und nichts wird gesendet.</translation>
    </message>
    <message>
        <source>The site file says so.</source>
        <translation>So steht es in der Standortdatei.</translation>
    </message>
    <message>
        <source>The slice in view first, the others in the background.</source>
        <translation>Die gezeigte Schicht zuerst, die anderen im Hintergrund.</translation>
    </message>
    <message>
        <source>The tissues of a brain, with the weights of this copy</source>
        <translation>Die Gewebe eines Gehirns, mit den Gewichten dieser Kopie</translation>
    </message>
    <message>
        <source>The verdict follows.</source>
        <translation>Das Urteil folgt.</translation>
    </message>
    <message>
        <source>The video changed on the disk; open it again.</source>
        <translation>Das Video hat sich auf der Platte geändert; öffnen Sie es erneut.</translation>
    </message>
    <message>
        <source>The view was copied.</source>
        <translation>Die Ansicht wurde kopiert.</translation>
    </message>
    <message>
        <source>There are no files here.</source>
        <translation>Hier sind keine Dateien.</translation>
    </message>
    <message>
        <source>There is nothing in the history yet. Add the results of a batch or a watched folder.</source>
        <translation>Der Verlauf ist noch leer. Fügen Sie die Ergebnisse eines Stapels oder eines überwachten Ordners hinzu.</translation>
    </message>
    <message>
        <source>There is nothing to compare with: open another series of the same place.</source>
        <translation>Es gibt nichts zum Vergleichen: Öffnen Sie eine weitere Serie desselben Orts.</translation>
    </message>
    <message>
        <source>These are from: {source}.</source>
        <translation>Quelle dieser Werte: {source}.</translation>
    </message>
    <message>
        <source>These labels are too large to come back after a crash: export them.</source>
        <translation>Diese Labels sind zu groß, um nach einem Absturz zurückzukommen: exportieren Sie sie.</translation>
    </message>
    <message>
        <source>These weights cannot be used: {error}</source>
        <translation>Diese Gewichte sind nicht brauchbar: {error}</translation>
    </message>
    <message>
        <source>Thickness of the slab</source>
        <translation>Dicke des Schichtpakets</translation>
    </message>
    <message>
        <source>This copy of Acutance carries no sample scan.</source>
        <translation>Dieser Kopie von Acutance liegt keine Beispielaufnahme bei.</translation>
    </message>
    <message>
        <source>This is all that is known. It names modules and lines, no file, person or value. Nothing is sent: copy it where you want to report it.</source>
        <translation>Das ist alles, was bekannt ist. Es nennt Module und Zeilen, keine Datei, keine Person, keinen Wert. Nichts wird gesendet: Kopieren Sie es dorthin, wo Sie es melden möchten.</translation>
    </message>
    <message>
        <source>This series could not be read</source>
        <translation>Diese Serie konnte nicht gelesen werden</translation>
    </message>
    <message>
        <source>Three planes</source>
        <translation>Drei Ebenen</translation>
    </message>
    <message>
        <source>Three planes, one large</source>
        <translation>Drei Ebenen, eine groß</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>Schwellen</translation>
    </message>
    <message>
        <source>Thresholds, windows, keys, networks</source>
        <translation>Schwellen, Fenster, Tasten, Netze</translation>
    </message>
    <message>
        <source>Time and other axes</source>
        <translation>Zeit und weitere Achsen</translation>
    </message>
    <message>
        <source>Time without a change after which a series is complete</source>
        <translation>Zeit ohne Änderung, nach der eine Serie vollständig ist</translation>
    </message>
    <message>
        <source>Timeline with pictures</source>
        <translation>Zeitleiste mit Bildern</translation>
    </message>
    <message>
        <source>Times from</source>
        <translation>Zeiten aus</translation>
    </message>
    <message>
        <source>Tool bar</source>
        <translation>Werkzeugleiste</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Turn to the left</source>
        <translation>Nach links drehen</translation>
    </message>
    <message>
        <source>Turn to the right</source>
        <translation>Nach rechts drehen</translation>
    </message>
    <message>
        <source>Two series side by side</source>
        <translation>Zwei Serien nebeneinander</translation>
    </message>
    <message>
        <source>Type the new keys into the field, or clear it for none.</source>
        <translation>Tippen Sie die neuen Tasten in das Feld oder leeren Sie es für keine.</translation>
    </message>
    <message>
        <source>UIDs of studies, series and images</source>
        <translation>UIDs von Studien, Serien und Bildern</translation>
    </message>
    <message>
        <source>Uncertainty strip</source>
        <translation>Unsicherheitsstreifen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo flips and turns</source>
        <translation>Spiegelungen und Drehungen aufheben</translation>
    </message>
    <message>
        <source>Undone</source>
        <translation>Rückgängig gemacht</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Usable</source>
        <translation>Verwendbar</translation>
    </message>
    <message>
        <source>Usable from</source>
        <translation>Verwendbar ab</translation>
    </message>
    <message>
        <source>Usable from {usable:.2f}, repeat below {repeat:.2f} · {where}</source>
        <translation>Verwendbar ab {usable:.2f}, wiederholen unter {repeat:.2f} · {where}</translation>
    </message>
    <message>
        <source>Usable from {usable:.2f}, where the probability is {usable_from:.0%}; repeat below {repeat:.2f}, where it is {repeat_up_to:.0%}. {better}</source>
        <translation>Verwendbar ab {usable:.2f}, wo die Wahrscheinlichkeit {usable_from:.0%} ist; wiederholen unter {repeat:.2f}, wo sie {repeat_up_to:.0%} ist. {better}</translation>
    </message>
    <message>
        <source>Use a network from a file</source>
        <translation>Ein Netz aus einer Datei verwenden</translation>
    </message>
    <message>
        <source>Use it and restore</source>
        <translation>Verwenden und restaurieren</translation>
    </message>
    <message>
        <source>Use the tool at the crosshair</source>
        <translation>Das Werkzeug am Fadenkreuz anwenden</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Values, newest first</source>
        <translation>Werte, neueste zuerst</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Verdicts: {items}</source>
        <translation>Urteile: {items}</translation>
    </message>
    <message>
        <source>Version of the calibration</source>
        <translation>Version der Kalibrierung</translation>
    </message>
    <message>
        <source>Version {version} is in force.</source>
        <translation>Version {version} ist in Kraft.</translation>
    </message>
    <message>
        <source>Version {version}: {count} series</source>
        <translation>Version {version}: {count} Serien</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Voxels</source>
        <translation>Voxel</translation>
    </message>
    <message>
        <source>W {width}  L {level}</source>
        <translation>W {width}  L {level}</translation>
    </message>
    <message>
        <source>W/L</source>
        <translation>W/L</translation>
    </message>
    <message>
        <source>W/L tool</source>
        <translation>W/L-Werkzeug</translation>
    </message>
    <message>
        <source>Waiting for the engine.</source>
        <translation>Wartet auf das Verfahren.</translation>
    </message>
    <message>
        <source>Warning: {warning}</source>
        <translation>Warnung: {warning}</translation>
    </message>
    <message>
        <source>Watch</source>
        <translation>Überwachen</translation>
    </message>
    <message>
        <source>Watch folder…</source>
        <translation>Ordner überwachen…</translation>
    </message>
    <message>
        <source>Watched folder</source>
        <translation>Überwachter Ordner</translation>
    </message>
    <message>
        <source>Watching; you may close this page, it goes on.</source>
        <translation>Wird überwacht; Sie können diese Seite schließen, es geht weiter.</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights (*.safetensors)</source>
        <translation>Gewichte (*.safetensors)</translation>
    </message>
    <message>
        <source>Weights for the task {task}</source>
        <translation>Gewichte für die Aufgabe {task}</translation>
    </message>
    <message>
        <source>Weights of a network for videos</source>
        <translation>Gewichte eines Netzes für Videos</translation>
    </message>
    <message>
        <source>Weights of a restoration network</source>
        <translation>Gewichte eines Restaurierungsnetzes</translation>
    </message>
    <message>
        <source>Weights of a scoring network</source>
        <translation>Gewichte eines Bewertungsnetzes</translation>
    </message>
    <message>
        <source>Weights of a segmentation network</source>
        <translation>Gewichte eines Segmentierungsnetzes</translation>
    </message>
    <message>
        <source>Weights…</source>
        <translation>Gewichte…</translation>
    </message>
    <message>
        <source>What came of jobs, newest first</source>
        <translation>Was aus Aufträgen wurde, neueste zuerst</translation>
    </message>
    <message>
        <source>What is known of what went wrong; nothing is sent</source>
        <translation>Was über den Fehler bekannt ist; nichts wird gesendet</translation>
    </message>
    <message>
        <source>What is restored</source>
        <translation>Was restauriert wird</translation>
    </message>
    <message>
        <source>What is taken away</source>
        <translation>Was entfernt wird</translation>
    </message>
    <message>
        <source>What sharp images look like, for the task “{task}”. Choose about a dozen slices without noise or motion.</source>
        <translation>Wie scharfe Bilder aussehen, für die Aufgabe „{task}“. Wählen Sie etwa ein Dutzend Schichten ohne Rauschen oder Bewegung.</translation>
    </message>
    <message>
        <source>What the scorer sees of {title}, restored</source>
        <translation>Was die Bewertung von {title}, restauriert, sieht</translation>
    </message>
    <message>
        <source>What the segmenter sees of {title}, restored</source>
        <translation>Was die Segmentierung von {title}, restauriert, sieht</translation>
    </message>
    <message>
        <source>What the view in hand does with the others</source>
        <translation>Was die gewählte Ansicht mit den anderen tut</translation>
    </message>
    <message>
        <source>What was measured over time, on this machine: numbers and names of scanners, protocols and coils, nothing that names a patient.</source>
        <translation>Was über die Zeit gemessen wurde, auf diesem Rechner: Zahlen und Namen von Scannern, Protokollen und Spulen, nichts, was einen Patienten nennt.</translation>
    </message>
    <message>
        <source>What was predicted and what you decided stand apart. HTML, PDF and picture name no patient, file or folder, and your note goes into the record only.</source>
        <translation>Was vorhergesagt wurde und was Sie entschieden haben, steht getrennt. HTML, PDF und Bild nennen weder Patient noch Datei noch Ordner, und Ihr Vermerk kommt nur in den Datensatz.</translation>
    </message>
    <message>
        <source>Wheel, Up, Down</source>
        <translation>Mausrad, Auf, Ab</translation>
    </message>
    <message>
        <source>Whether copied and saved views bear the name of their series</source>
        <translation>Ob kopierte und gespeicherte Ansichten den Namen ihrer Serie tragen</translation>
    </message>
    <message>
        <source>Which side the patient&apos;s right is on</source>
        <translation>Auf welcher Seite die rechte Seite des Patienten liegt</translation>
    </message>
    <message>
        <source>Which volume of the file is shown and scored</source>
        <translation>Welches Volumen der Datei gezeigt und bewertet wird</translation>
    </message>
    <message>
        <source>Whole clip</source>
        <translation>Ganzer Clip</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Weite</translation>
    </message>
    <message>
        <source>Window and level</source>
        <translation>Fensterung</translation>
    </message>
    <message>
        <source>Window and level presets (0 … 9)</source>
        <translation>Voreingestellte Fenster (0 … 9)</translation>
    </message>
    <message>
        <source>Window as stored, presets</source>
        <translation>Gespeichertes Fenster, Voreinstellungen</translation>
    </message>
    <message>
        <source>Window/level</source>
        <translation>Fensterung</translation>
    </message>
    <message>
        <source>Window/level tool</source>
        <translation>Werkzeug für die Fensterung</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>With the weights of this copy</source>
        <translation>Mit den Gewichten dieser Kopie</translation>
    </message>
    <message>
        <source>Without a calibration the thresholds of the site file hold, or those built in.</source>
        <translation>Ohne Kalibrierung gelten die Schwellen der Standortdatei oder die eingebauten.</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>Arbeit</translation>
    </message>
    <message>
        <source>Work on every series of a folder in the background</source>
        <translation>Jede Serie eines Ordners im Hintergrund bearbeiten</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>Prozesse</translation>
    </message>
    <message>
        <source>Worst slices</source>
        <translation>Schlechteste Schichten</translation>
    </message>
    <message>
        <source>Write it, marked</source>
        <translation>Schreiben, gekennzeichnet</translation>
    </message>
    <message>
        <source>Write the active series without the identity of the patient</source>
        <translation>Die aktive Serie ohne die Identität des Patienten schreiben</translation>
    </message>
    <message>
        <source>Write the labels with their edits as NIfTI, DICOM SEG, CSV and JSON</source>
        <translation>Die Labels mit ihren Änderungen als NIfTI, DICOM SEG, CSV und JSON schreiben</translation>
    </message>
    <message>
        <source>Write the prediction and your decision as HTML, PDF, PNG and JSON</source>
        <translation>Vorhersage und Entscheidung als HTML, PDF, PNG und JSON schreiben</translation>
    </message>
    <message>
        <source>Write the whole clip with four or two times the pixels</source>
        <translation>Den ganzen Clip mit vier- oder zweifacher Pixelzahl schreiben</translation>
    </message>
    <message>
        <source>Your decision</source>
        <translation>Ihre Entscheidung</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Zoom; Ctrl+wheel, too</source>
        <translation>Zoom; auch Strg+Mausrad</translation>
    </message>
    <message>
        <source>alpha {alpha:.2f} · {error}{seen}</source>
        <translation>alpha {alpha:.2f} · {error}{seen}</translation>
    </message>
    <message>
        <source>and {count} more</source>
        <translation>und {count} weitere</translation>
    </message>
    <message>
        <source>angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>assumed</source>
        <translation>angenommen</translation>
    </message>
    <message>
        <source>axial</source>
        <translation>axial</translation>
    </message>
    <message>
        <source>before: {title}</source>
        <translation>vorher: {title}</translation>
    </message>
    <message>
        <source>bicubic ×{scale}: departed from its input</source>
        <translation>bikubisch ×{scale}: wich von der Vorlage ab</translation>
    </message>
    <message>
        <source>bound of the site {least_alpha:.2f}</source>
        <translation>Grenze des Standorts {least_alpha:.2f}</translation>
    </message>
    <message>
        <source>brush</source>
        <translation>Pinsel</translation>
    </message>
    <message>
        <source>built-in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <source>centre</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>geändert</translation>
    </message>
    <message>
        <source>check</source>
        <translation>prüfen</translation>
    </message>
    <message>
        <source>checks: {one}, {other}</source>
        <translation>Schachbrett: {one}, {other}</translation>
    </message>
    <message>
        <source>colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>coronal</source>
        <translation>koronal</translation>
    </message>
    <message>
        <source>could not be read</source>
        <translation>nicht lesbar</translation>
    </message>
    <message>
        <source>device {device}</source>
        <translation>Gerät {device}</translation>
    </message>
    <message>
        <source>device: auto</source>
        <translation>Gerät: auto</translation>
    </message>
    <message>
        <source>distance</source>
        <translation>Abstand</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>drift</source>
        <translation>Drift</translation>
    </message>
    <message>
        <source>ellipse</source>
        <translation>Ellipse</translation>
    </message>
    <message>
        <source>enhanced ×{scale}, not for diagnosis</source>
        <translation>verbessert ×{scale}, nicht zur Diagnose</translation>
    </message>
    <message>
        <source>enlarged</source>
        <translation>vergrößert</translation>
    </message>
    <message>
        <source>enough for a calibration</source>
        <translation>genug für eine Kalibrierung</translation>
    </message>
    <message>
        <source>eraser</source>
        <translation>Radierer</translation>
    </message>
    <message>
        <source>expected error as the network left it</source>
        <translation>erwarteter Fehler, wie das Netz ihn ließ</translation>
    </message>
    <message>
        <source>expected error {sign}{error:.1%} of the range</source>
        <translation>erwarteter Fehler {sign}{error:.1%} des Wertebereichs</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>faithful</source>
        <translation>originaltreu</translation>
    </message>
    <message>
        <source>fill</source>
        <translation>Füllen</translation>
    </message>
    <message>
        <source>finished before</source>
        <translation>zuvor beendet</translation>
    </message>
    <message>
        <source>flicker: {title}</source>
        <translation>Blinken: {title}</translation>
    </message>
    <message>
        <source>frame rate assumed</source>
        <translation>Bildrate angenommen</translation>
    </message>
    <message>
        <source>frame {number} / {count}</source>
        <translation>Bild {number} / {count}</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>grau</translation>
    </message>
    <message>
        <source>in pairs: these slices, damaged and restored</source>
        <translation>in Paaren: diese Schichten, gestört und restauriert</translation>
    </message>
    <message>
        <source>infinite</source>
        <translation>unendlich</translation>
    </message>
    <message>
        <source>its limits</source>
        <translation>seine Grenzen</translation>
    </message>
    <message>
        <source>k-space of the slice</source>
        <translation>k-Raum der Schicht</translation>
    </message>
    <message>
        <source>k-space of the slice in view</source>
        <translation>k-Raum der gezeigten Schicht</translation>
    </message>
    <message>
        <source>k-space of {plane} {index}</source>
        <translation>k-Raum von {plane} {index}</translation>
    </message>
    <message>
        <source>labels edited</source>
        <translation>Labels bearbeitet</translation>
    </message>
    <message>
        <source>left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>level changed</source>
        <translation>Niveau geändert</translation>
    </message>
    <message>
        <source>level changed here</source>
        <translation>Niveau hier geändert</translation>
    </message>
    <message>
        <source>linked</source>
        <translation>gekoppelt</translation>
    </message>
    <message>
        <source>linked, not {action}</source>
        <translation>gekoppelt, nicht {action}</translation>
    </message>
    <message>
        <source>linked: {actions}</source>
        <translation>gekoppelt: {actions}</translation>
    </message>
    <message>
        <source>loading {progress:.0%}</source>
        <translation>lädt {progress:.0%}</translation>
    </message>
    <message>
        <source>loading…</source>
        <translation>lädt…</translation>
    </message>
    <message>
        <source>log magnitude; of the image, not of the raw data</source>
        <translation>log. Betrag; des Bildes, nicht der Rohdaten</translation>
    </message>
    <message>
        <source>lower limit</source>
        <translation>untere Grenze</translation>
    </message>
    <message>
        <source>magnifier</source>
        <translation>Lupe</translation>
    </message>
    <message>
        <source>map shown</source>
        <translation>Karte gezeigt</translation>
    </message>
    <message>
        <source>marked not usable</source>
        <translation>als nicht verwendbar markiert</translation>
    </message>
    <message>
        <source>marked usable</source>
        <translation>als verwendbar markiert</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>im Mittel</translation>
    </message>
    <message>
        <source>mean uncertainty {value:.2f}</source>
        <translation>mittlere Unsicherheit {value:.2f}</translation>
    </message>
    <message>
        <source>median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>metric</source>
        <translation>Metrik</translation>
    </message>
    <message>
        <source>ms a slice</source>
        <translation>ms je Schicht</translation>
    </message>
    <message>
        <source>n = {count}</source>
        <translation>n = {count}</translation>
    </message>
    <message>
        <source>neurological</source>
        <translation>neurologisch</translation>
    </message>
    <message>
        <source>no angle</source>
        <translation>kein Winkel</translation>
    </message>
    <message>
        <source>no predicted SSIM</source>
        <translation>keine vorhergesagte SSIM</translation>
    </message>
    <message>
        <source>no region</source>
        <translation>keine Region</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>kein Wert</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>not assessed</source>
        <translation>nicht beurteilt</translation>
    </message>
    <message>
        <source>not available now</source>
        <translation>jetzt nicht verfügbar</translation>
    </message>
    <message>
        <source>not enhanced here</source>
        <translation>hier nicht verbessert</translation>
    </message>
    <message>
        <source>not enlarged</source>
        <translation>nicht vergrößert</translation>
    </message>
    <message>
        <source>not for diagnosis</source>
        <translation>nicht zur Diagnose</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>not linked</source>
        <translation>nicht gekoppelt</translation>
    </message>
    <message>
        <source>not marked</source>
        <translation>nicht markiert</translation>
    </message>
    <message>
        <source>not restored</source>
        <translation>nicht restauriert</translation>
    </message>
    <message>
        <source>not scored</source>
        <translation>nicht bewertet</translation>
    </message>
    <message>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <source>not usable</source>
        <translation>nicht verwendbar</translation>
    </message>
    <message>
        <source>not within the tolerance</source>
        <translation>nicht in der Toleranz</translation>
    </message>
    <message>
        <source>nothing labelled</source>
        <translation>nichts markiert</translation>
    </message>
    <message>
        <source>number in the history</source>
        <translation>Nummer im Verlauf</translation>
    </message>
    <message>
        <source>of</source>
        <translation>von</translation>
    </message>
    <message>
        <source>of 0 to {size}</source>
        <translation>von 0 bis {size}</translation>
    </message>
    <message>
        <source>one frame</source>
        <translation>ein Bild</translation>
    </message>
    <message>
        <source>outside the limits</source>
        <translation>außerhalb der Grenzen</translation>
    </message>
    <message>
        <source>paired</source>
        <translation>gepaart</translation>
    </message>
    <message>
        <source>pan</source>
        <translation>verschieben</translation>
    </message>
    <message>
        <source>patient axes, resampled</source>
        <translation>Patientenachsen, interpoliert</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>paused at {done} of {count} frames</source>
        <translation>angehalten bei {done} von {count} Bildern</translation>
    </message>
    <message>
        <source>perceptual</source>
        <translation>wahrnehmungsnah</translation>
    </message>
    <message>
        <source>pixel {column}, {row}  value {value}</source>
        <translation>Pixel {column}, {row}  Wert {value}</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>Pixel</translation>
    </message>
    <message>
        <source>predicted SSIM</source>
        <translation>vorhergesagte SSIM</translation>
    </message>
    <message>
        <source>predicted SSIM from 0 to 1</source>
        <translation>vorhergesagte SSIM von 0 bis 1</translation>
    </message>
    <message>
        <source>predicted SSIM per cell</source>
        <translation>vorhergesagte SSIM je Zelle</translation>
    </message>
    <message>
        <source>predicted SSIM {number:.2f}</source>
        <translation>vorhergesagte SSIM {number:.2f}</translation>
    </message>
    <message>
        <source>predicted SSIM {shown}, {word}</source>
        <translation>vorhergesagte SSIM {shown}, {word}</translation>
    </message>
    <message>
        <source>predicted SSIM {ssim_pred:.2f}</source>
        <translation>vorhergesagte SSIM {ssim_pred:.2f}</translation>
    </message>
    <message>
        <source>predicted SSIM {value:.2f}</source>
        <translation>vorhergesagte SSIM {value:.2f}</translation>
    </message>
    <message>
        <source>predicted probability</source>
        <translation>vorhergesagte Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>probability usable</source>
        <translation>Wahrscheinlichkeit verwendbar</translation>
    </message>
    <message>
        <source>radiological</source>
        <translation>radiologisch</translation>
    </message>
    <message>
        <source>reading frame {frame}…</source>
        <translation>Bild {frame} wird gelesen…</translation>
    </message>
    <message>
        <source>rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>region</source>
        <translation>Region</translation>
    </message>
    <message>
        <source>repeat advised</source>
        <translation>Wiederholung empfohlen</translation>
    </message>
    <message>
        <source>restored</source>
        <translation>restauriert</translation>
    </message>
    <message>
        <source>right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation>sagittal</translation>
    </message>
    <message>
        <source>scroll</source>
        <translation>blättern</translation>
    </message>
    <message>
        <source>set aside</source>
        <translation>beiseitegelegt</translation>
    </message>
    <message>
        <source>set aside: the same bytes as another file</source>
        <translation>beiseitegelegt: dieselben Bytes wie eine andere Datei</translation>
    </message>
    <message>
        <source>share that was usable</source>
        <translation>Anteil, der verwendbar war</translation>
    </message>
    <message>
        <source>shows nothing</source>
        <translation>zeigt nichts</translation>
    </message>
    <message>
        <source>sides unknown</source>
        <translation>Seiten unbekannt</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoid</translation>
    </message>
    <message>
        <source>site file</source>
        <translation>Standortdatei</translation>
    </message>
    <message>
        <source>slice {index} · not scored</source>
        <translation>Schicht {index} · nicht bewertet</translation>
    </message>
    <message>
        <source>slice {index} · predicted SSIM {ssim_pred:.2f}</source>
        <translation>Schicht {index} · vorhergesagte SSIM {ssim_pred:.2f}</translation>
    </message>
    <message>
        <source>slice {index} · {reason}</source>
        <translation>Schicht {index} · {reason}</translation>
    </message>
    <message>
        <source>slice {index} · {told}</source>
        <translation>Schicht {index} · {told}</translation>
    </message>
    <message>
        <source>slice {index} · {told} (0 certain, 1 even)</source>
        <translation>Schicht {index} · {told} (0 sicher, 1 gleich)</translation>
    </message>
    <message>
        <source>so far</source>
        <translation>bisher</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>wird beendet</translation>
    </message>
    <message>
        <source>table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>taken for auto</source>
        <translation>gilt für auto</translation>
    </message>
    <message>
        <source>there is none</source>
        <translation>keine vorhanden</translation>
    </message>
    <message>
        <source>this session</source>
        <translation>diese Sitzung</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>uncertainty</source>
        <translation>Unsicherheit</translation>
    </message>
    <message>
        <source>under 0.1 s</source>
        <translation>unter 0,1 s</translation>
    </message>
    <message>
        <source>unpaired</source>
        <translation>ungepaart</translation>
    </message>
    <message>
        <source>unpaired: {title}, restored</source>
        <translation>ungepaart: {title}, restauriert</translation>
    </message>
    <message>
        <source>upper limit</source>
        <translation>obere Grenze</translation>
    </message>
    <message>
        <source>usable</source>
        <translation>verwendbar</translation>
    </message>
    <message>
        <source>value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>value {value}</source>
        <translation>Wert {value}</translation>
    </message>
    <message>
        <source>version {version}</source>
        <translation>Version {version}</translation>
    </message>
    <message>
        <source>voxel {i}, {j}, {k}</source>
        <translation>Voxel {i}, {j}, {k}</translation>
    </message>
    <message>
        <source>voxels</source>
        <translation>Voxel</translation>
    </message>
    <message>
        <source>waited {waited:.1f} s</source>
        <translation>{waited:.1f} s gewartet</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>weighted mean</source>
        <translation>gewichtetes Mittel</translation>
    </message>
    <message>
        <source>what was open</source>
        <translation>was geöffnet war</translation>
    </message>
    <message>
        <source>without a change</source>
        <translation>ohne eine Änderung</translation>
    </message>
    <message>
        <source>yours</source>
        <translation>Ihre Wahl</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>zoom {zoom:.2f}×</source>
        <translation>Zoom {zoom:.2f}×</translation>
    </message>
    <message>
        <source>{about}{frame_rate:.4g} fps ({frame_time_source})</source>
        <translation>{about}{frame_rate:.4g} Bilder/s ({frame_time_source})</translation>
    </message>
    <message>
        <source>{beside} over {below}</source>
        <translation>{beside} über {below}</translation>
    </message>
    <message>
        <source>{clock_text} of {clock_text_2}</source>
        <translation>{clock_text} von {clock_text_2}</translation>
    </message>
    <message>
        <source>{convention}: the patient&apos;s right is on the {side}. Click to change.</source>
        <translation>{convention}: Die rechte Seite des Patienten ist {side}. Klicken, um zu wechseln.</translation>
    </message>
    <message>
        <source>{count} elements.{hint}{cut}</source>
        <translation>{count} Elemente.{hint}{cut}</translation>
    </message>
    <message>
        <source>{count} exported without the patient&apos;s identity and verified: {output}</source>
        <translation>{count} ohne die Identität des Patienten exportiert und geprüft: {output}</translation>
    </message>
    <message>
        <source>{count} exported.</source>
        <translation>{count} exportiert.</translation>
    </message>
    <message>
        <source>{count} marks over {place}</source>
        <translation>{count} Markierungen über {place}</translation>
    </message>
    <message numerus="yes">
        <source>{count} of {n} files</source>
        <translation>
            <numerusform>{count} von {n} Datei</numerusform>
            <numerusform>{count} von {n} Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>{count} pixels</source>
        <translation>{count} Pixel</translation>
    </message>
    <message>
        <source>{count} slices chosen{hint}{name_fault}</source>
        <translation>{count} Schichten gewählt{hint}{name_fault}</translation>
    </message>
    <message>
        <source>{count} slices computed once more in float32</source>
        <translation>{count} Schichten in float32 noch einmal gerechnet</translation>
    </message>
    <message>
        <source>{count}{least} series marked: {usable} usable, {unusable} not</source>
        <translation>{count}{least} Serien markiert: {usable} verwendbar, {unusable} nicht</translation>
    </message>
    <message>
        <source>{done} of {count} frames</source>
        <translation>{done} von {count} Bildern</translation>
    </message>
    <message>
        <source>{dropped} dropped</source>
        <translation>{dropped} ausgelassen</translation>
    </message>
    <message>
        <source>{finished} of {total} series{left}</source>
        <translation>{finished} von {total} Serien{left}</translation>
    </message>
    <message>
        <source>{floor} mm</source>
        <translation>{floor} mm</translation>
    </message>
    <message>
        <source>{frame_rate:.4g} per second</source>
        <translation>{frame_rate:.4g} je Sekunde</translation>
    </message>
    <message>
        <source>{frames} frames enhanced, {rate:.2f} frames/s</source>
        <translation>{frames} Bilder verbessert, {rate:.2f} Bilder/s</translation>
    </message>
    <message>
        <source>{frames}, {duration:.3g} s</source>
        <translation>{frames}, {duration:.3g} s</translation>
    </message>
    <message>
        <source>{label} has no verdict any more.</source>
        <translation>{label} hat kein Urteil mehr.</translation>
    </message>
    <message>
        <source>{masked} values are masked: what names a person, a place or a time, and private ones. Shift+X shows them.</source>
        <translation>{masked} Werte sind verdeckt: was eine Person, einen Ort oder eine Zeit nennt, und private. Umschalt+X zeigt sie.</translation>
    </message>
    <message>
        <source>{name} (unverified)</source>
        <translation>{name} (ungeprüft)</translation>
    </message>
    <message>
        <source>{name} version {version} in {space}: {sharp} sharp, {restored} restored slices, {pairs}</source>
        <translation>{name} Version {version} in {space}: {sharp} scharfe, {restored} restaurierte Schichten, {pairs}</translation>
    </message>
    <message>
        <source>{name}, unverified weights</source>
        <translation>{name}, ungeprüfte Gewichte</translation>
    </message>
    <message>
        <source>{name}: recognised as {architecture}, {params:,} parameters, {status}.</source>
        <translation>{name}: erkannt als {architecture}, {params:,} Parameter, {status}.</translation>
    </message>
    <message>
        <source>{name}: {voxels} voxels changed</source>
        <translation>{name}: {voxels} Voxel geändert</translation>
    </message>
    <message>
        <source>{name}{doubt}, {plane} slices, {device}</source>
        <translation>{name}{doubt}, Schichten {plane}, {device}</translation>
    </message>
    <message>
        <source>{new} series added, {renewed} renewed{rest}.</source>
        <translation>{new} Serien hinzugefügt, {renewed} erneuert{rest}.</translation>
    </message>
    <message>
        <source>{notice}. A prediction without a reference image.</source>
        <translation>{notice}. Eine Vorhersage ohne Referenzbild.</translation>
    </message>
    <message>
        <source>{notice}. Files stay on this computer and are never changed.</source>
        <translation>{notice}. Dateien bleiben auf diesem Rechner und werden nie verändert.</translation>
    </message>
    <message>
        <source>{notice}. Predictions without a reference image.</source>
        <translation>{notice}. Vorhersagen ohne Referenzbild.</translation>
    </message>
    <message>
        <source>{notice}. Thirty series give a rough curve.</source>
        <translation>{notice}. Dreißig Serien geben eine grobe Kurve.</translation>
    </message>
    <message numerus="yes">
        <source>{n} files</source>
        <translation>
            <numerusform>{n} Datei</numerusform>
            <numerusform>{n} Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} files found</source>
        <translation>
            <numerusform>{n} Datei gefunden</numerusform>
            <numerusform>{n} Dateien gefunden</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} files set aside; see the ledger</source>
        <translation>
            <numerusform>{n} Datei beiseitegelegt; siehe Dateibilanz</numerusform>
            <numerusform>{n} Dateien beiseitegelegt; siehe Dateibilanz</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} files so far</source>
        <translation>
            <numerusform>bisher {n} Datei</numerusform>
            <numerusform>bisher {n} Dateien</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} files written, marked as restored</source>
        <translation>
            <numerusform>{n} Datei geschrieben, als restauriert gekennzeichnet</numerusform>
            <numerusform>{n} Dateien geschrieben, als restauriert gekennzeichnet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} files written: {folder}</source>
        <translation>
            <numerusform>{n} Datei geschrieben: {folder}</numerusform>
            <numerusform>{n} Dateien geschrieben: {folder}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frames</source>
        <translation>
            <numerusform>{n} Bild</numerusform>
            <numerusform>{n} Bilder</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} jobs</source>
        <translation>
            <numerusform>{n} Auftrag</numerusform>
            <numerusform>{n} Aufträge</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} metrics</source>
        <translation>
            <numerusform>{n} Metrik</numerusform>
            <numerusform>{n} Metriken</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} regions</source>
        <translation>
            <numerusform>{n} Region</numerusform>
            <numerusform>{n} Regionen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{planes}: {n} slices scored</source>
        <translation>
            <numerusform>{planes}: {n} Schicht bewertet</numerusform>
            <numerusform>{planes}: {n} Schichten bewertet</numerusform>
        </translation>
    </message>
    <message>
        <source>{plane} at {place}</source>
        <translation>{plane} bei {place}</translation>
    </message>
    <message>
        <source>{plane} view</source>
        <translation>Ansicht {plane}</translation>
    </message>
    <message>
        <source>{plane} {first} – {last} of A</source>
        <translation>{plane} {first} – {last} von A</translation>
    </message>
    <message>
        <source>{plane} {index}: predicted SSIM {ssim_pred:.2f}</source>
        <translation>{plane} {index}: vorhergesagte SSIM {ssim_pred:.2f}</translation>
    </message>
    <message>
        <source>{seconds:.1f} s</source>
        <translation>{seconds:.1f} s</translation>
    </message>
    <message>
        <source>{seconds:.2f} s</source>
        <translation>{seconds:.2f} s</translation>
    </message>
    <message>
        <source>{share}, about {time_words}</source>
        <translation>{share}, noch etwa {time_words}</translation>
    </message>
    <message>
        <source>{shown} has a meaning of its own in every view.</source>
        <translation>{shown} hat in jeder Ansicht eine eigene Bedeutung.</translation>
    </message>
    <message>
        <source>{shown} is taken by “{text}”. Give that other keys first.</source>
        <translation>{shown} ist durch „{text}“ belegt. Geben Sie dem zuerst andere Tasten.</translation>
    </message>
    <message>
        <source>{sign} {title}, {seconds:.1f} s</source>
        <translation>{sign} {title}, {seconds:.1f} s</translation>
    </message>
    <message>
        <source>{size:.1f} mm</source>
        <translation>{size:.1f} mm</translation>
    </message>
    <message>
        <source>{size} values, {count} outside the limits</source>
        <translation>{size} Werte, {count} außerhalb der Grenzen</translation>
    </message>
    <message>
        <source>{slice_name} is not explained yet.</source>
        <translation>{slice_name} ist noch nicht erklärt.</translation>
    </message>
    <message>
        <source>{slices} made-up slices, {threads} threads. Kept for these weights on this machine.</source>
        <translation>{slices} erdachte Schichten, {threads} Threads. Für diese Gewichte auf diesem Rechner aufgehoben.</translation>
    </message>
    <message>
        <source>{slice}, predicted SSIM {value:.2f}</source>
        <translation>{slice}, vorhergesagte SSIM {value:.2f}</translation>
    </message>
    <message>
        <source>{spacing:.3g} × {spacing_2:.3g} mm</source>
        <translation>{spacing:.3g} × {spacing_2:.3g} mm</translation>
    </message>
    <message>
        <source>{stem} (unverified)</source>
        <translation>{stem} (ungeprüft)</translation>
    </message>
    <message>
        <source>{text}, {blank} without a score</source>
        <translation>{text}, {blank} ohne Bewertung</translation>
    </message>
    <message>
        <source>{text}, {count} set aside</source>
        <translation>{text}, {count} beiseitegelegt</translation>
    </message>
    <message>
        <source>{thickness:g} mm</source>
        <translation>{thickness:g} mm</translation>
    </message>
    <message>
        <source>{tip}; again to take it back</source>
        <translation>{tip}; noch einmal, um es zurückzunehmen</translation>
    </message>
    <message>
        <source>{title} (second attempt)</source>
        <translation>{title} (zweiter Versuch)</translation>
    </message>
    <message>
        <source>{title} panel</source>
        <translation>Bereich {title}</translation>
    </message>
    <message>
        <source>{title} · slice {number} · {told}</source>
        <translation>{title} · Schicht {number} · {told}</translation>
    </message>
    <message>
        <source>{title}, version {version}</source>
        <translation>{title}, Version {version}</translation>
    </message>
    <message>
        <source>{told}. Written: {path}</source>
        <translation>{told}. Geschrieben: {path}</translation>
    </message>
    <message numerus="yes">
        <source>{used} of {n} files used</source>
        <translation>
            <numerusform>{used} von {n} Datei verwendet</numerusform>
            <numerusform>{used} von {n} Dateien verwendet</numerusform>
        </translation>
    </message>
    <message>
        <source>{value:.1%} changed beyond the noise</source>
        <translation>{value:.1%} über das Rauschen hinaus geändert</translation>
    </message>
    <message>
        <source>{value} of 1</source>
        <translation>{value} von 1</translation>
    </message>
    <message>
        <source>{width} × {height} pixels</source>
        <translation>{width} × {height} Pixel</translation>
    </message>
    <message>
        <source>{words} Open {things} again?</source>
        <translation>{words} {things} wieder öffnen?</translation>
    </message>
</context>
</TS>
